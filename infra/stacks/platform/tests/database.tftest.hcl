mock_provider "aws" {}

variables {
  name            = "directfanz-test"
  protected       = true
  master_password = "of-a-test"
  subnet_ids      = ["subnet-1", "subnet-2"]
  group_id        = "sg-1"
  key_arn         = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  topic_arn       = "arn:aws:sns:us-east-1:123456789012:page"
  database = {
    name                             = "directfanz"
    engine_version                   = "18"
    instance                         = "db.m7g.large"
    storage_gib                      = 100
    storage_max_gib                  = 1000
    multi_az                         = true
    replicas                         = 1
    backup_retention_days            = 30
    statement_timeout_seconds        = 10
    idle_transaction_timeout_seconds = 30
  }
}

run "two_zones_and_thirty_days" {
  command = plan
  module { source = "../../modules/database" }
  assert {
    condition     = aws_db_instance.primary.multi_az && aws_db_instance.primary.backup_retention_period == 30 && aws_db_instance.primary.deletion_protection
    error_message = "A protected database stands in two zones and keeps 30 days."
  }
  assert {
    condition     = length(aws_db_instance.replica) == 1
    error_message = "One replica was asked for."
  }
}

run "one_zone_is_refused_for_what_is_protected" {
  command = plan
  module { source = "../../modules/database" }
  variables { database = merge(var.database, { multi_az = false }) }
  expect_failures = [aws_db_instance.primary]
}

run "an_old_version_is_refused" {
  command = plan
  module { source = "../../modules/database" }
  variables { database = merge(var.database, { engine_version = "15.4" }) }
  expect_failures = [var.database]
}

run "an_old_machine_is_refused" {
  command = plan
  module { source = "../../modules/database" }
  variables { database = merge(var.database, { instance = "db.m5.large" }) }
  expect_failures = [var.database]
}
