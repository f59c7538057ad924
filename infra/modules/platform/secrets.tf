# Secrets that nobody has to think of are made here, once; the state that remembers them is encrypted and private.
# Those that others give us (Stripe, a sign-in provider) have a place here and are put by a person.

locals {
  makes = toset(["secret-key", "database-master-password", "database-app-password", "database-owner-password", "cache-password", "edge-token"])
  own   = { for name in local.makes : name => sha256("${terraform_data.made[name].output}/${name}") }
  # The region that stands by has the primary's secrets, all but what its own cache and edge are given.
  made   = local.main ? local.own : merge(local.own, { for name in local.shared : name => try(var.inherited[name], local.own[name]) })
  shared = ["secret-key", "database-master-password", "database-app-password", "database-owner-password", "edge-token"]
  gives  = ["stripe-secret-key", "stripe-webhook-secret", "oidc-providers", "sentry-dsn"]

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
    var.standby_region == null ? {} : { inheritance = jsonencode({ for name in local.shared : name => local.made[name] }) },
    var.source_database == null ? {} : {
      migration-target = jsonencode({ username = "directfanz_owner", password = local.made.database-owner-password, host = module.database.address, port = 5432 })
    },
    length(module.database.replica_addresses) > 0 ? {
      database-replica-url = "${local.urls.app}${module.database.replica_addresses[0]}:5432${local.tail}"
    } : {},
  )
  names = toset(concat(
    ["secret-key", "database-url", "database-direct-url", "database-owner-url", "database-master-url", "cache-password", "pgbouncer-users"],
    local.database.replicas > 0 ? ["database-replica-url"] : [],
    var.standby_region == null ? [] : ["inheritance"],
    var.source_database == null ? [] : ["migration-target"],
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
  # What people gave us works in the other region too, and what we made is read there once.
  dynamic "replica" {
    for_each = var.standby_region != null && contains(concat(local.gives, ["inheritance"]), each.key) ? [var.standby_region] : []
    content { region = replica.value }
  }
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each      = local.names
  secret_id     = aws_secretsmanager_secret.this[each.key].id
  secret_string = local.started[each.key]
}
