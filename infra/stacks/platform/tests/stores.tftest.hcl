# Buckets, the cache, the key they are encrypted with, and their copies.
mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::directfanz-test-media" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/test" }
  }
}

variables {
  name       = "directfanz-test"
  region     = "us-east-1"
  account_id = "123456789012"
  key_arn    = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  topic_arn  = "arn:aws:sns:us-east-1:123456789012:warn"
  subnet_ids = ["subnet-1", "subnet-2"]
  group_id   = "sg-1"
}

run "a_key_that_turns_and_lives_in_both_regions" {
  command = plan
  module { source = "../../modules/keys" }
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.multi_region && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key turns, reads copies in the other region, and can be saved for 30 days."
  }
}

run "buckets_are_private_and_age" {
  command = plan
  module { source = "../../modules/buckets" }
  variables {
    prefix                  = "directfanz-test-"
    storage_classes         = { infrequent = "STANDARD_IA" }
    unfinished_uploads_days = 7
    site_url                = "https://directfanz.io"
    removable               = false
    edge_buckets            = ["media"]
    buckets = {
      media   = { versioned = true, replicated = true, public = false, presigned = false, lifecycle = [{ after_days = 30, to = "infrequent", prefix = "", noncurrent = false }] }
      uploads = { versioned = false, replicated = false, public = false, presigned = true, lifecycle = [{ after_days = 7, to = "deleted", prefix = "", noncurrent = false }] }
    }
    replica = { prefix = "directfanz-dr-", key_arn = "arn:aws:kms:us-west-2:123456789012:alias/directfanz-dr" }
  }
  assert {
    condition     = alltrue([for block in aws_s3_bucket_public_access_block.this : block.block_public_policy && block.restrict_public_buckets]) && length(aws_s3_bucket_public_access_block.this) == 3
    error_message = "Every bucket, the one with logs too, is closed to the public."
  }
  assert {
    condition     = keys(aws_s3_bucket_replication_configuration.this) == ["media"] && keys(aws_s3_bucket_cors_configuration.this) == ["uploads"]
    error_message = "What is replicated is copied; what browsers write to themselves knows our site."
  }
  assert {
    condition     = alltrue([for policy in aws_s3_bucket_policy.this : strcontains(policy.policy, "aws:SecureTransport")])
    error_message = "No bucket answers without TLS."
  }
}

run "three_shards_with_a_copy_each" {
  command = plan
  module { source = "../../modules/cache" }
  variables {
    password    = "of-a-test"
    autoscaling = true
    cache       = { mode = "cluster", engine_version = "9.0", shards = 3, replicas_per_shard = 1, node_type = "cache.m7g.large", scale_on_memory_percent = 75, serverless_gib_max = 5 }
  }
  assert {
    condition     = aws_elasticache_replication_group.this[0].num_node_groups == 3 && aws_elasticache_replication_group.this[0].multi_az_enabled && aws_elasticache_replication_group.this[0].transit_encryption_enabled
    error_message = "Three shards over zones, encrypted on their way."
  }
  assert {
    condition     = aws_appautoscaling_policy.shards[0].target_tracking_scaling_policy_configuration[0].target_value == 75 && aws_appautoscaling_target.shards[0].min_capacity == 3
    error_message = "Shards are added when memory is three quarters full, and never fewer than described."
  }
}

run "a_cache_paid_by_use" {
  command = plan
  module { source = "../../modules/cache" }
  variables {
    password    = "of-a-test"
    autoscaling = true
    cache       = { mode = "serverless", engine_version = "9.0", shards = 3, replicas_per_shard = 1, node_type = "cache.m7g.large", scale_on_memory_percent = 75, serverless_gib_max = 5 }
  }
  assert {
    condition     = length(aws_elasticache_replication_group.this) == 0 && aws_elasticache_serverless_cache.this[0].cache_usage_limits[0].data_storage[0].maximum == 5
    error_message = "Serverless has a limit and no nodes."
  }
}

run "an_engine_that_elasticache_has_not" {
  command = plan
  module { source = "../../modules/cache" }
  variables {
    password    = "of-a-test"
    autoscaling = false
    cache       = { mode = "cluster", engine_version = "7.1", shards = 3, replicas_per_shard = 1, node_type = "cache.m7g.large", scale_on_memory_percent = 75, serverless_gib_max = 5 }
  }
  expect_failures = [var.cache]
}

run "backups_daily_and_locked" {
  command = plan
  module { source = "../../modules/backup" }
  variables {
    retention_days = 30
    locked         = true
    resource_arns  = ["arn:aws:rds:us-east-1:123456789012:db:directfanz-test"]
    copy_vault_arn = "arn:aws:backup:us-west-2:123456789012:backup-vault:directfanz-dr"
  }
  assert {
    condition     = one(aws_backup_plan.this.rule).lifecycle[0].delete_after == 30 && length(one(aws_backup_plan.this.rule).copy_action) == 1 && length(aws_backup_vault_lock_configuration.this) == 1
    error_message = "Thirty days, a copy far away, and nobody deletes them early."
  }
  assert {
    condition     = contains(aws_backup_vault_notifications.this.backup_vault_events, "BACKUP_JOB_FAILED")
    error_message = "A backup that fails is told."
  }
}
