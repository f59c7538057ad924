# Valkey: sessions' fast copy, counters, pub/sub. TLS, and a user that may not do what is dangerous.

locals {
  major   = split(".", var.cache.engine_version)[0]
  cluster = var.cache.mode == "cluster"
}

resource "aws_elasticache_subnet_group" "this" {
  count      = local.cluster ? 1 : 0
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  count       = local.cluster ? 1 : 0
  name        = "${var.name}-valkey${local.major}"
  family      = "valkey${local.major}"
  description = "${var.name} on Valkey ${local.major}"
  parameter {
    name  = "cluster-enabled"
    value = "yes"
  }
  parameter {
    name  = "maxmemory-policy"
    value = "volatile-lru" # the cache may forget anything that has an end
  }
}

# A group must hold a user named `default`; ours is that one, with a password and without the dangerous commands.
resource "aws_elasticache_user" "this" {
  user_id       = "${var.name}-app"
  user_name     = "default"
  engine        = "valkey"
  access_string = "on ~* &* +@all -@dangerous +info +cluster|slots +cluster|shards +cluster|nodes"
  authentication_mode {
    type      = "password"
    passwords = [var.password]
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = var.name
  engine        = "valkey"
  user_ids      = [aws_elasticache_user.this.user_id]
}

resource "aws_elasticache_replication_group" "this" {
  count                      = local.cluster ? 1 : 0
  replication_group_id       = var.name
  description                = "Cache of ${var.name}"
  engine                     = "valkey"
  engine_version             = var.cache.engine_version
  node_type                  = var.cache.node_type
  port                       = 6379
  parameter_group_name       = aws_elasticache_parameter_group.this[0].name
  num_node_groups            = var.cache.shards
  replicas_per_node_group    = var.cache.replicas_per_shard
  automatic_failover_enabled = var.cache.replicas_per_shard > 0
  multi_az_enabled           = var.cache.replicas_per_shard > 0
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  kms_key_id                 = var.key_arn
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]
  subnet_group_name          = aws_elasticache_subnet_group.this[0].name
  security_group_ids         = [var.group_id]
  snapshot_retention_limit   = 1
  snapshot_window            = "03:00-04:00"
  maintenance_window         = "sun:06:00-sun:07:00"
  auto_minor_version_upgrade = true
  notification_topic_arn     = var.topic_arn
  lifecycle { ignore_changes = [num_node_groups] } # scaling adds and removes shards
}

resource "aws_elasticache_serverless_cache" "this" {
  count                    = local.cluster ? 0 : 1
  name                     = var.name
  engine                   = "valkey"
  major_engine_version     = local.major
  description              = "Cache of ${var.name}"
  kms_key_id               = var.key_arn
  user_group_id            = aws_elasticache_user_group.this.user_group_id
  subnet_ids               = var.subnet_ids
  security_group_ids       = [var.group_id]
  snapshot_retention_limit = 1
  cache_usage_limits {
    data_storage {
      maximum = var.cache.serverless_gib_max
      unit    = "GB"
    }
    ecpu_per_second { maximum = 5000 }
  }
}

resource "aws_appautoscaling_target" "shards" {
  count              = local.cluster && var.autoscaling ? 1 : 0
  min_capacity       = var.cache.shards
  max_capacity       = var.cache.shards * 2
  resource_id        = "replication-group/${aws_elasticache_replication_group.this[0].replication_group_id}"
  scalable_dimension = "elasticache:replication-group:NodeGroups"
  service_namespace  = "elasticache"
}

resource "aws_appautoscaling_policy" "shards" {
  count              = local.cluster && var.autoscaling ? 1 : 0
  name               = "memory"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.shards[0].resource_id
  scalable_dimension = aws_appautoscaling_target.shards[0].scalable_dimension
  service_namespace  = aws_appautoscaling_target.shards[0].service_namespace
  target_tracking_scaling_policy_configuration {
    target_value = var.cache.scale_on_memory_percent
    predefined_metric_specification { predefined_metric_type = "ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage" }
  }
}
