# An environment: everything of one platform in one region.

locals {
  name    = "${var.platform.name}-${var.environment}"
  main    = var.standby_of == null
  root    = contains(["prod", "dr"], var.environment) ? var.platform.domains.root : "${var.environment}.${var.platform.domains.root}"
  hosts   = { for service in ["api", "realtime", "streaming"] : service => replace(var.platform.domains[service], var.platform.domains.root, local.root) }
  prefix  = "${local.name}-"
  site    = "https://${local.root}"
  zones   = [for letter in var.zones : "${var.region}${letter}"]
  serving = { for name, service in local.services : name => service if name == "web" || contains([for route in values(var.platform.routes) : route.service if route.service != null], name) }

  services = { for name, service in var.platform.services : name => merge(service, {
    for key, value in try(var.sizing.services[name], {}) : key => value if value != null
  }) }
  database = merge(var.platform.database, { for key, value in var.sizing.database : key => value if value != null })
}

module "keys" {
  source     = "../keys"
  name       = local.name
  region     = var.region
  account_id = var.account_id
}

module "network" {
  source               = "../network"
  name                 = local.name
  region               = var.region
  cidr                 = var.cidr
  zones                = local.zones
  nat_gateways         = var.sizing.nat_gateways
  interface_endpoints  = var.sizing.interface_endpoints
  flow_log_days        = var.platform.logs.retention_days
  key_arn              = module.keys.arn
  ports                = { for name, service in local.serving : name => service.port }
  balancer_prefix_list = var.edge_prefix_list
}

module "observability" {
  source          = "../observability"
  name            = local.name
  region          = var.region
  account_id      = var.account_id
  namespace       = local.name
  platform_name   = var.platform.name
  key_arn         = module.keys.arn
  alert_emails    = var.alert_emails
  metrics         = var.platform.metrics
  alarms          = var.platform.alarms
  services        = toset(concat(keys(local.services), var.sizing.pgbouncer_tasks > 0 ? ["pgbouncer"] : []))
  cluster_name    = local.name
  balancer_suffix = module.balancer.arn_suffix
  target_suffixes = { for service, colours in module.balancer.target_groups : service => colours["blue"].suffix }
  database_id     = local.name
  # Copies that answer strangers, and in the region that stands by the copy that would take over.
  replica_ids     = concat([for number in range(local.database.replicas) : "${local.name}-read-${number + 1}"], var.standby_of == null ? [] : [local.name])
  replica_lag_max = local.database.replica_lag_max_seconds
  cache_id        = local.name
  cache_clustered = var.sizing.cache_mode == "cluster"
  trace_ratio     = var.platform.trace_ratio
  by_service      = var.sizing.figures_by_service
  log_days        = var.platform.logs.retention_days
}

module "buckets" {
  source                  = "../buckets"
  prefix                  = local.prefix
  buckets                 = var.platform.buckets
  storage_classes         = var.platform.storage_classes
  unfinished_uploads_days = var.platform.unfinished_uploads_days
  key_arn                 = module.keys.arn
  site_url                = local.site
  account_id              = var.account_id
  edge_buckets            = toset([for route in values(var.platform.routes) : route.bucket if route.bucket != null])
  replica                 = var.replica == null ? null : { prefix = var.replica.prefix, key_arn = var.replica.key_arn }
  removable               = !var.protected
}

module "database" {
  source          = "../database"
  name            = local.name
  database        = local.database
  master_password = local.made.database-master-password
  source_arn      = local.main ? null : var.standby_of.database_arn
  protected       = var.protected
  subnet_ids      = module.network.subnets.data
  group_id        = module.network.groups.database
  key_arn         = module.keys.arn
  topic_arn       = module.observability.topics["page"]
}

module "cache" {
  source = "../cache"
  name   = local.name
  cache = merge(var.platform.cache, {
    mode               = var.sizing.cache_mode
    node_type          = coalesce(var.sizing.cache_node_type, var.platform.cache.node_type)
    serverless_gib_max = var.sizing.serverless_gib_max
  })
  password    = local.made.cache-password
  autoscaling = var.protected
  subnet_ids  = module.network.subnets.data
  group_id    = module.network.groups.cache
  key_arn     = module.keys.arn
  topic_arn   = module.observability.topics["warn"]
}

module "backup" {
  source         = "../backup"
  name           = local.name
  key_arn        = module.keys.arn
  retention_days = local.database.backup_retention_days
  topic_arn      = module.observability.topics["page"]
  resource_arns  = concat([module.database.arn], [for name, bucket in var.platform.buckets : "arn:aws:s3:::${local.prefix}${name}" if bucket.versioned && bucket.replicated])
  copy_vault_arn = var.replica == null ? null : var.replica.vault_arn
  locked         = var.protected
}

module "budgets" {
  source          = "../budgets"
  count           = local.main ? 1 : 0
  name            = local.name
  monthly_usd     = var.platform.budgets.monthly_usd[var.environment]
  warn_at_percent = var.platform.budgets.warn_at_percent
  emails          = var.alert_emails["warn"]
  anomaly_usd     = var.anomaly_usd
  tags            = ["Platform", "Environment", "Service"]
}

module "guard" {
  source     = "../guard"
  key_arn    = module.keys.arn
  name       = local.name
  region     = var.region
  account_id = var.account_id
  topic_arn  = module.observability.topics["page"]
  removable  = !var.protected
}

module "live" {
  source       = "../live"
  name         = local.name
  backend      = var.live_backend
  bucket       = module.buckets.names["media"]
  account_id   = var.account_id
  ingest_cidrs = var.ingest_cidrs
}

module "pipeline" {
  source          = "../pipeline"
  count           = var.repository == null ? 0 : 1
  name            = local.name
  region          = var.region
  account_id      = var.account_id
  key_arn         = module.keys.arn
  repository      = var.repository
  stages          = var.pipeline
  other_role      = var.promotes_from == null ? null : "arn:aws:iam::${var.promotes_from}:role/${var.platform.name}-staging-promotion"
  image_registry  = "${coalesce(var.promotes_from, var.account_id)}.dkr.ecr.${var.region}.amazonaws.com/${var.platform.name}-staging"
  repository_arns = values(module.registry.arns)
  deploy_services = { pass_roles = concat(values(module.roles.task_arns), [module.roles.execution_arn]) }
  topic_arn       = module.observability.topics["warn"]
  log_days        = var.platform.logs.retention_days
  removable       = !var.protected
}
