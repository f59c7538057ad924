locals {
  # `ffmpeg` is our own service, as platform.toml has it; of the others the adapters make channels when a stream needs one.
  live = {
    ffmpeg = {}
    ivs    = { DIRECTFANZ_LIVE_BACKEND = "ivs", DIRECTFANZ_LIVE_IVS_RECORDING = module.live.recording_configuration_arn }
    medialive = {
      DIRECTFANZ_LIVE_BACKEND                  = "medialive"
      DIRECTFANZ_LIVE_MEDIALIVE_ROLE           = module.live.role_arn
      DIRECTFANZ_LIVE_MEDIALIVE_SECURITY_GROUP = module.live.security_group_id
    }
  }
  settings = merge(local.of_all, local.live[var.live_backend], var.vod_backend == "mediaconvert" ? {
    DIRECTFANZ_MEDIACONVERT_ROLE  = module.vod.role_arn
    DIRECTFANZ_MEDIACONVERT_QUEUE = module.vod.queue_arn
  } : {})
  of_all = {
    DIRECTFANZ_ENVIRONMENT        = contains(["prod", "dr"], var.environment) ? "production" : "staging"
    DIRECTFANZ_PROFILE            = "aws"
    DIRECTFANZ_SITE_URL           = local.site
    DIRECTFANZ_BIND_HOST          = "0.0.0.0"
    DIRECTFANZ_TRUSTED_PROXIES    = join(",", concat([var.cidr], var.edge_networks))
    DIRECTFANZ_CACHE_NODES        = module.cache.node
    DIRECTFANZ_CACHE_CLUSTER      = "true"
    DIRECTFANZ_CACHE_TLS          = "true"
    DIRECTFANZ_STORAGE_REGION     = var.region
    DIRECTFANZ_STORAGE_PREFIX     = local.prefix
    DIRECTFANZ_AWS_REGION         = var.region
    DIRECTFANZ_EMAIL_FROM         = "DirectFanz <hello@${local.root}>"
    DIRECTFANZ_OTLP_ENDPOINT      = "http://127.0.0.1:4318"
    DIRECTFANZ_TRACE_RATIO        = tostring(var.platform.trace_ratio)
    DIRECTFANZ_TRANSCODER_BACKEND = var.vod_backend
  }
  # A smaller task than platform.toml describes encodes less: its share of the processor stays the same.
  encoding = var.platform.transcode_cpu_percent == null ? {} : {
    DIRECTFANZ_LIVE_TRANSCODE_CPU_PERCENT = tostring(floor(var.platform.transcode_cpu_percent * local.services["streaming"].cpu_units / var.platform.services["streaming"].cpu_units))
  }
  # Jobs listen for each other, which a pool of transactions cannot pass on.
  database_secret = { for name, _ in local.services : name => name == "worker" ? "database-direct-url" : "database-url" }
  secrets = { for name, _ in local.services : name => merge(
    {
      DIRECTFANZ_SECRET_KEY     = aws_secretsmanager_secret.this["secret-key"].arn
      DIRECTFANZ_DATABASE_URL   = aws_secretsmanager_secret.this[local.database_secret[name]].arn
      DIRECTFANZ_CACHE_PASSWORD = aws_secretsmanager_secret.this["cache-password"].arn
    },
    local.database.replicas > 0 ? { DIRECTFANZ_DATABASE_REPLICA_URL = aws_secretsmanager_secret.this["database-replica-url"].arn } : {},
    { for setting in var.given_secrets : "DIRECTFANZ_${upper(setting)}" => aws_secretsmanager_secret.this[replace(setting, "_", "-")].arn },
  ) }
}

module "registry" {
  source    = "../registry"
  name      = local.name
  key_arn   = module.keys.arn
  removable = !var.protected
}

module "roles" {
  source          = "../roles"
  name            = local.name
  region          = var.region
  account_id      = var.account_id
  storage_prefix  = local.prefix
  secrets_prefix  = var.platform.name
  mail_domain     = local.root
  key_arn         = module.keys.arn
  permissions     = var.platform.permissions
  services        = merge(var.platform.adapters, { pgbouncer = [] })
  started_secrets = [for secret in aws_secretsmanager_secret.this : secret.arn]
  log_groups      = concat([for group in values(module.observability.log_groups) : group.arn], [module.observability.figures_group_arn])
  repository_arns = values(module.registry.arns)
}

module "cluster" {
  source   = "../cluster"
  name     = local.name
  vpc_id   = module.network.vpc_id
  insights = var.sizing.insights
}

resource "aws_iam_role" "deployment" {
  name = "${local.name}-deployment"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codedeploy.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "deployment" {
  role       = aws_iam_role.deployment.name
  policy_arn = "arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS"
}

module "balancer" {
  source          = "../balancer"
  name            = local.name
  vpc_id          = module.network.vpc_id
  subnet_ids      = module.network.subnets.public
  group_id        = module.network.groups.balancer
  certificate_arn = module.certificate.arn
  logs_bucket     = module.buckets.logs_ready
  protected       = var.protected
  edge_token      = local.made.edge-token
  services        = { for name, service in local.serving : name => { port = service.port, health_path = service.health_path, drain_seconds = service.drain_seconds, sticky = service.sticky } }
  routes          = { for path, route in var.platform.routes : path => route.service if route.service != null }
  hosts           = { (local.hosts.realtime) = "realtime", (local.hosts.streaming) = "streaming" }
  hidden_paths    = var.platform.hidden_paths
  idle_seconds    = var.platform.keepalive_seconds
}

module "service" {
  source              = "../service"
  for_each            = local.services
  name                = local.name
  service             = each.key
  sizes               = each.value
  steps               = var.platform.scaling_steps
  image               = "${module.registry.urls["app"]}:${var.image_tag}"
  environment         = merge(local.settings, each.key == "streaming" ? local.encoding : {})
  secrets             = local.secrets[each.key]
  collector           = { image = var.collector_image, config = module.observability.collector }
  target_groups       = contains(keys(local.serving), each.key) ? module.balancer.target_groups[each.key] : null
  ingest_targets      = each.key == "streaming" ? flatten(module.ingest[*].target_groups) : []
  deployment          = contains(keys(local.serving), each.key) && !(each.key == "streaming" && local.takes_streams) ? var.sizing.deployment : "rolling"
  listener_arn        = module.balancer.listener_arn
  deployment_role_arn = aws_iam_role.deployment.arn
  rollback_alarms     = module.observability.rollback_alarms
  cluster_id          = module.cluster.id
  cluster_name        = module.cluster.name
  region              = var.region
  subnet_ids          = module.network.subnets.private
  group_ids           = [module.network.groups.service]
  execution_role_arn  = module.roles.execution_arn
  task_role_arn       = module.roles.task_arns[each.key]
  log_group           = module.observability.log_groups[each.key].name
}

# Cameras, where platform.toml has ports for them and our own service takes the streams.
module "ingest" {
  source           = "../ingest"
  count            = local.takes_streams ? 1 : 0
  name             = local.name
  vpc_id           = module.network.vpc_id
  subnet_ids       = module.network.subnets.public
  service_group_id = module.network.groups.service
  certificate_arn  = module.certificate.arn
  zone_id          = module.dns.zone_id
  host             = "ingest.${local.root}"
  protected        = var.protected
  drain_seconds    = local.services["streaming"].drain_seconds
  health           = { port = local.services["streaming"].port, path = local.services["streaming"].health_path }
  ports            = { rtmp = var.platform.ingest.rtmp_port, rtmps = var.platform.ingest.rtmps_port, srt = var.platform.ingest.srt_port }
}

module "vod" {
  source     = "../vod"
  name       = local.name
  account_id = var.account_id
  key_arn    = module.keys.arn
  backend    = var.vod_backend
  buckets    = { source = module.buckets.names["uploads"], target = module.buckets.names["media"] }
}

# Rows from another PostgreSQL, by AWS's own service: `directfanz migrate` does it without.
module "migration" {
  source          = "../migration"
  count           = var.source_database == null ? 0 : 1
  name            = "${local.name}-migration"
  region          = var.region
  subnet_ids      = module.network.subnets.private
  group_id        = module.network.groups.service
  key_arn         = module.keys.arn
  source_database = var.source_database
  target_database = { name = local.database.name, secret_arn = aws_secretsmanager_secret.this["migration-target"].arn }
}

module "pgbouncer" {
  source             = "../pgbouncer"
  name               = local.name
  tasks              = var.sizing.pgbouncer_tasks
  image              = "${module.registry.urls["pgbouncer"]}:${var.image_tag}"
  database_address   = module.database.address
  database_name      = local.database.name
  pool_max           = var.platform.database.pool_max
  secret_arn         = aws_secretsmanager_secret.this["pgbouncer-users"].arn
  namespace_id       = module.cluster.namespace_id
  namespace          = module.cluster.namespace
  cluster_id         = module.cluster.id
  cluster_name       = module.cluster.name
  region             = var.region
  subnet_ids         = module.network.subnets.private
  group_id           = module.network.groups.pgbouncer
  execution_role_arn = module.roles.execution_arn
  task_role_arn      = module.roles.task_arns["pgbouncer"]
  log_group          = "/${local.name}/pgbouncer"
}

# Tasks that a deployment runs before the services move: the schema, as its owner; and before that the roles, as the master.
resource "aws_ecs_task_definition" "task" {
  for_each                 = local.tasks
  family                   = "${local.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = module.roles.execution_arn
  task_role_arn            = module.roles.task_arns["worker"]
  runtime_platform {
    cpu_architecture        = "ARM64"
    operating_system_family = "LINUX"
  }
  container_definitions = jsonencode([{
    name                   = each.key
    image                  = "${module.registry.urls["app"]}:${var.image_tag}"
    command                = each.value.command
    essential              = true
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    environment            = [for name in sort(keys(local.settings)) : { name = name, value = local.settings[name] }]
    secrets                = [for name, arn in merge(local.secrets["worker"], each.value.secrets) : { name = name, valueFrom = arn }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = module.observability.log_groups["worker"].name, awslogs-region = var.region, awslogs-stream-prefix = each.key }
    }
  }])
}

locals {
  owner = { DIRECTFANZ_DATABASE_OWNER_URL = aws_secretsmanager_secret.this["database-owner-url"].arn }
  tasks = {
    migrate = { command = ["directfanz", "upgrade"], secrets = local.owner }
    roles   = { command = ["directfanz", "roles"], secrets = merge(local.owner, { DIRECTFANZ_DATABASE_MASTER_URL = aws_secretsmanager_secret.this["database-master-url"].arn }) }
    assets  = { command = ["directfanz", "assets", "--publish"], secrets = {} }
  }
  takes_streams = var.platform.ingest != null && var.live_backend == "ffmpeg"
}
