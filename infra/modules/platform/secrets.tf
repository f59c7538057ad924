# Secrets that nobody has to think of are made here, once; the state that remembers them is encrypted and private.
# Those that others give us (Stripe, a sign-in provider) have a place here and are put by a person.

locals {
  makes = toset(["secret-key", "database-master-password", "database-app-password", "database-owner-password", "cache-password", "edge-token"])
  made  = { for name in local.makes : name => sha256("${terraform_data.made[name].output}/${name}") }
  gives = ["stripe-secret-key", "stripe-webhook-secret", "oidc-providers", "sentry-dsn"]

  urls = {
    app   = "postgresql://directfanz_app:${local.made.database-app-password}@"
    owner = "postgresql://directfanz_owner:${local.made.database-owner-password}@"
  }
  tail = "/${local.database.name}?sslmode=require"
  started = merge(
    {
      secret-key          = local.made.secret-key
      database-url        = "${local.urls.app}${module.pgbouncer.address}${local.tail}"
      database-direct-url = "${local.urls.app}${module.database.address}:5432${local.tail}"
      database-owner-url  = "${local.urls.owner}${module.database.address}:5432${local.tail}"
      database-master-url = "postgresql://directfanz_master:${local.made.database-master-password}@${module.database.address}:5432${local.tail}"
      cache-password      = local.made.cache-password
      pgbouncer-users     = "\"directfanz_app\" \"${local.made.database-app-password}\""
    },
    length(module.database.replica_addresses) > 0 ? {
      database-replica-url = "${local.urls.app}${module.database.replica_addresses[0]}:5432${local.tail}"
    } : {},
  )
  names = toset(concat(
    ["secret-key", "database-url", "database-direct-url", "database-owner-url", "database-master-url", "cache-password", "pgbouncer-users"],
    local.database.replicas > 0 ? ["database-replica-url"] : [],
  ))
}

resource "terraform_data" "made" {
  for_each = local.makes
  input    = uuid()
  lifecycle { ignore_changes = [input] }
}

resource "aws_secretsmanager_secret" "this" {
  for_each                = setunion(local.names, local.gives)
  name                    = "${local.name}/${each.key}"
  kms_key_id              = module.keys.arn
  recovery_window_in_days = var.protected ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each      = local.names
  secret_id     = aws_secretsmanager_secret.this[each.key].id
  secret_string = local.started[each.key]
}
