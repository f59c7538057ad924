mock_provider "aws" {}

run "a_domain_that_is_none" {
  command = plan
  module { source = "../../modules/dns" }
  variables {
    name = "directfanz-test"
    root = "not a domain"
  }
  expect_failures = [var.root]
}

run "a_zone_of_its_own" {
  command = plan
  module { source = "../../modules/dns" }
  variables {
    name = "directfanz-test"
    root = "dev.directfanz.io"
  }
  assert {
    condition     = aws_route53_zone.this[0].name == "dev.directfanz.io"
    error_message = "The zone has the domain's name."
  }
}

run "mediastore_is_retired" {
  command = plan
  module { source = "../../modules/live" }
  variables {
    name       = "directfanz-test"
    backend    = "mediastore"
    bucket     = "directfanz-test-media"
    account_id = "123456789012"
  }
  expect_failures = [var.backend]
}

run "a_bucket_prefix_that_s3_would_refuse" {
  command = plan
  module { source = "../../modules/buckets" }
  variables {
    prefix                  = "Direct_Fanz"
    buckets                 = {}
    storage_classes         = {}
    unfinished_uploads_days = 7
    key_arn                 = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    site_url                = "https://directfanz.io"
    account_id              = "123456789012"
    removable               = false
    edge_buckets            = []
  }
  expect_failures = [var.prefix]
}

run "a_wall_with_a_rate" {
  command = plan
  module { source = "../../modules/waf" }
  variables {
    name                            = "directfanz-test"
    scope                           = "REGIONAL"
    requests_per_second_per_address = 50
    log_days                        = 30
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.name == "aws-waf-logs-directfanz-test"
    error_message = "WAF takes log groups of that name alone."
  }
}

run "an_alarm_that_nobody_hears" {
  command = plan
  module { source = "../../modules/observability" }
  variables {
    name            = "directfanz-test"
    region          = "us-east-1"
    platform_name   = "directfanz"
    namespace       = "test"
    account_id      = "123456789012"
    key_arn         = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    alert_emails    = { page = ["a@example.com"] }
    metrics         = {}
    alarms          = {}
    services        = []
    cluster_name    = "directfanz-test"
    balancer_suffix = "app/x/1"
    target_suffixes = {}
    database_id     = "directfanz-test"
    cache_id        = "directfanz-test"
    cache_clustered = true
    replica_lag_max = 30
    trace_ratio     = 0.05
    log_days        = 30
    by_service      = false
  }
  expect_failures = [var.alert_emails]
}
