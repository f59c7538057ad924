# Transactions of many processes over few connections. Jobs and migrations go past it: LISTEN needs a connection of its own.

resource "aws_service_discovery_service" "this" {
  count = var.tasks > 0 ? 1 : 0
  name  = "pgbouncer"
  dns_config {
    namespace_id   = var.namespace_id
    routing_policy = "MULTIVALUE"
    dns_records {
      ttl  = 10
      type = "A"
    }
  }
}

module "service" {
  count              = var.tasks > 0 ? 1 : 0
  source             = "../service"
  name               = var.name
  service            = "pgbouncer"
  image              = var.image
  deployment         = "rolling"
  cluster_id         = var.cluster_id
  cluster_name       = var.cluster_name
  region             = var.region
  subnet_ids         = var.subnet_ids
  group_ids          = [var.group_id]
  execution_role_arn = var.execution_role_arn
  task_role_arn      = var.task_role_arn
  log_group          = var.log_group
  registry_arn       = aws_service_discovery_service.this[0].arn
  secrets            = { PGBOUNCER_USERS = var.secret_arn }
  environment = {
    PGBOUNCER_DATABASE_HOST   = var.database_address
    PGBOUNCER_DATABASE_NAME   = var.database_name
    PGBOUNCER_POOL_SIZE       = tostring(var.pool_max)
    PGBOUNCER_LISTEN_PORT     = "6432"
    PGBOUNCER_POOL_MODE       = "transaction"
    PGBOUNCER_SERVER_TLS_MODE = "verify-full"
  }
  sizes = {
    command                    = ["start-pgbouncer"]
    port                       = 6432
    cpu_units                  = 256
    memory_mib                 = 512
    tasks_min                  = var.tasks
    tasks_max                  = var.tasks * 2
    health_path                = "/"
    drain_seconds              = 60
    scale_on_cpu_percent       = 60
    scale_on_memory_percent    = 80
    scale_out_cooldown_seconds = 60
    scale_in_cooldown_seconds  = 600
    spot_percent               = 0
  }
}
