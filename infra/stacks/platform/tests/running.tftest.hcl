# What runs, who it is, how it is watched and paid for.
mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/test" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:test" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:test" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::directfanz-test" }
  }
  mock_resource "aws_codeconnections_connection" {
    defaults = { arn = "arn:aws:codeconnections:us-east-1:123456789012:connection/1" }
  }
  mock_resource "aws_service_discovery_service" {
    defaults = { arn = "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/test:1" }
  }
}

variables {
  name       = "directfanz-test"
  region     = "us-east-1"
  account_id = "123456789012"
  key_arn    = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  topic_arn  = "arn:aws:sns:us-east-1:123456789012:warn"
  log_days   = 30
}

run "a_cluster_with_names_inside" {
  command = plan
  module { source = "../../modules/cluster" }
  variables {
    vpc_id   = "vpc-1"
    insights = "enabled"
  }
  assert {
    condition     = aws_service_discovery_private_dns_namespace.this.name == "directfanz-test.internal" && contains(aws_ecs_cluster_capacity_providers.this.capacity_providers, "FARGATE_SPOT")
    error_message = "Tasks find each other by name, and may stand on spare capacity."
  }
}

run "insights_that_aws_has_not" {
  command = plan
  module { source = "../../modules/cluster" }
  variables {
    vpc_id   = "vpc-1"
    insights = "all"
  }
  expect_failures = [var.insights]
}

run "images_that_never_change" {
  command = plan
  module { source = "../../modules/registry" }
  variables { removable = false }
  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push])
    error_message = "A version is one image for ever, and looked at when it is pushed."
  }
}

run "a_role_has_what_its_adapters_ask" {
  command = plan
  module { source = "../../modules/roles" }
  variables {
    storage_prefix  = "directfanz-test-"
    secrets_prefix  = "directfanz"
    mail_domain     = "directfanz.io"
    permissions     = { storage = [{ sid = "Objects", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::{storage_prefix}*/*"] }], email = [{ sid = "Send", actions = ["ses:SendEmail"], resources = ["arn:aws:ses:{region}:{account}:identity/{mail_domain}"] }] }
    services        = { web = ["storage"], worker = ["storage", "email"], pgbouncer = [] }
    started_secrets = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:directfanz-test/secret-key"]
    log_groups      = ["arn:aws:logs:us-east-1:123456789012:log-group:/directfanz-test/web"]
    repository_arns = ["arn:aws:ecr:us-east-1:123456789012:repository/directfanz-test/app"]
  }
  assert {
    condition     = keys(aws_iam_role_policy.task) == ["web", "worker"] && !strcontains(aws_iam_role_policy.task["web"].policy, "ses:SendEmail") && strcontains(aws_iam_role_policy.task["worker"].policy, "arn:aws:ses:us-east-1:123456789012:identity/directfanz.io")
    error_message = "Web sends no mail, the worker does, and a process without adapters may do nothing."
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.task["web"].policy, "{") || !strcontains(aws_iam_role_policy.task["web"].policy, "{storage_prefix}")
    error_message = "Every place is filled in."
  }
}

run "a_pool_before_the_database" {
  command = plan
  module { source = "../../modules/pgbouncer" }
  variables {
    tasks              = 2
    image              = "123456789012.dkr.ecr.us-east-1.amazonaws.com/directfanz/pgbouncer:4f2a9c1"
    database_address   = "db.internal"
    database_name      = "directfanz"
    pool_max           = 16
    secret_arn         = "arn:aws:secretsmanager:us-east-1:123456789012:secret:users"
    namespace_id       = "ns-1"
    namespace          = "directfanz-test.internal"
    cluster_id         = "arn:aws:ecs:us-east-1:123456789012:cluster/directfanz-test"
    cluster_name       = "directfanz-test"
    subnet_ids         = ["subnet-1"]
    group_id           = "sg-1"
    execution_role_arn = "arn:aws:iam::123456789012:role/execution"
    task_role_arn      = "arn:aws:iam::123456789012:role/pgbouncer"
    log_group          = "/directfanz-test/pgbouncer"
  }
  assert {
    condition     = output.address == "pgbouncer.directfanz-test.internal:6432"
    error_message = "Processes find it by a name."
  }
}

run "no_pool_for_few" {
  command = plan
  module { source = "../../modules/pgbouncer" }
  variables {
    tasks              = 0
    image              = "x:1"
    database_address   = "db.internal"
    database_name      = "directfanz"
    pool_max           = 16
    secret_arn         = "x"
    namespace_id       = "ns-1"
    namespace          = "directfanz-test.internal"
    cluster_id         = "x"
    cluster_name       = "x"
    subnet_ids         = ["subnet-1"]
    group_id           = "sg-1"
    execution_role_arn = "x"
    task_role_arn      = "x"
    log_group          = "x"
  }
  assert {
    condition     = output.address == "db.internal:5432"
    error_message = "Without a pool they ask the database itself."
  }
}

run "every_alarm_is_heard" {
  command = plan
  module { source = "../../modules/observability" }
  variables {
    namespace     = "test"
    platform_name = "directfanz"
    alert_emails  = { page = ["a@example.com"], warn = ["b@example.com"] }
    metrics       = { http_requests_total = { kind = "counter", unit = "requests", about = "Requests." }, http_request_seconds = { kind = "histogram", unit = "seconds", about = "Time." } }
    alarms = {
      errors = { metric = "http_requests_total", where = { status = "5xx" }, as_share_of = "http_requests_total", above = 0.01, for_seconds = 120, severity = "page", about = "Errors." }
      slow   = { metric = "http_request_seconds", where = {}, percentile = 95, above = 0.2, for_seconds = 300, severity = "warn", about = "Slow." }
    }
    services        = ["web"]
    cluster_name    = "directfanz-test"
    balancer_suffix = "app/x/1"
    target_suffixes = { web = "targetgroup/b/1" }
    database_id     = "directfanz-test"
    cache_id        = "directfanz-test"
    cache_clustered = true
    replica_lag_max = 30
    trace_ratio     = 0.05
    by_service      = true
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.plain["slow"].dimensions == tomap({ platform = "directfanz" }) && contains(one([for one in yamldecode(output.collector).exporters.awsemf.metric_declarations : one.dimensions if contains(one.metric_name_selectors, "^http_request_seconds$")]), ["platform"])
    error_message = "An alarm asks for dimensions that the collector keeps; a figure without any is kept by nobody."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.plain["slow"].extended_statistic == "p95" && aws_cloudwatch_metric_alarm.plain["slow"].evaluation_periods == 5
    error_message = "A percentile over five minutes, as platform.toml says."
  }
  assert {
    condition     = length(aws_sns_topic_subscription.this) == 2 && aws_cloudwatch_log_group.service["web"].retention_in_days == 30
    error_message = "Somebody hears each severity, and lines are kept 30 days."
  }
  assert {
    condition     = output.rollback_alarms == ["directfanz-test-errors"]
    error_message = "What wakes someone takes a deployment back."
  }
}

run "mail_of_our_own_domain" {
  command = plan
  module { source = "../../modules/mail" }
  variables { root = "directfanz.io" }
  assert {
    condition     = one(aws_sesv2_configuration_set.this.delivery_options).tls_policy == "REQUIRE" && aws_sesv2_email_identity_mail_from_attributes.this.mail_from_domain == "bounce.directfanz.io"
    error_message = "TLS, and a return path of ours."
  }
}

run "somebody_looks_for_intruders" {
  command = plan
  module { source = "../../modules/guard" }
  variables { removable = false }
  assert {
    condition     = aws_cloudtrail.this.enable_log_file_validation && aws_cloudtrail.this.is_multi_region_trail && aws_guardduty_detector.this.enable
    error_message = "Every act is written down where nobody can change it."
  }
}

run "the_bill_is_watched" {
  command = plan
  module { source = "../../modules/budgets" }
  variables {
    monthly_usd     = 250
    warn_at_percent = [50, 80, 100]
    emails          = ["a@example.com"]
    anomaly_usd     = 50
    tags            = ["Platform"]
  }
  assert {
    condition     = length(aws_budgets_budget.this.notification) == 3 && aws_budgets_budget.this.limit_amount == "250.0"
    error_message = "Told at half, at four fifths, and before it is reached."
  }
}

run "a_push_runs_every_stage" {
  command = apply
  module { source = "../../modules/pipeline" }
  variables {
    repository      = "directfanz/platform"
    repository_arns = ["arn:aws:ecr:us-east-1:123456789012:repository/directfanz-test/app"]
    image_registry  = "210987654321.dkr.ecr.us-east-1.amazonaws.com/directfanz-staging"
    other_role      = "arn:aws:iam::210987654321:role/directfanz-staging-promotion"
    deploy_services = { pass_roles = ["arn:aws:iam::123456789012:role/web"] }
    removable       = false
    stages = [
      { name = "source", kind = "source", commands = [], minutes = 30, large = false, role = "test" },
      { name = "tests", kind = "run", commands = ["make test"], minutes = 60, large = true, role = "test" },
      { name = "approval", kind = "approval", commands = [], minutes = 30, large = false, role = "test" },
      { name = "production", kind = "run", commands = ["directfanz aws deploy prod"], minutes = 90, large = false, environment = "prod", role = "deploy" },
    ]
  }
  assert {
    condition     = output.stages == ["source", "tests", "approval", "production"] && keys(aws_codebuild_project.this) == ["production", "tests"]
    error_message = "In this order, and a project for each that runs something."
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.build["test"].policy, "ecs:") && strcontains(aws_iam_role_policy.build["deploy"].policy, "ecs:UpdateService")
    error_message = "Tests cannot deploy."
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.build["test"].policy, "sts:AssumeRole") && strcontains(aws_iam_role_policy.build["deploy"].policy, "role/directfanz-staging-promotion")
    error_message = "Deployments alone go into the account that carries a version first."
  }
}

run "what_a_pipeline_may_do" {
  command = plan
  module { source = "../../modules/rights" }
  variables {
    repository_arns = ["arn:aws:ecr:us-east-1:123456789012:repository/directfanz-test/app"]
    pass_roles      = ["arn:aws:iam::123456789012:role/web"]
  }
  assert {
    condition     = alltrue([for statement in concat(output.push, output.deploy) : !contains(statement.Action, "*") && alltrue([for action in statement.Action : !endswith(action, ":*")])])
    error_message = "Each right is named."
  }
}

run "a_repository_that_is_none" {
  command = plan
  module { source = "../../modules/pipeline" }
  variables {
    repository      = "https://github.com/x"
    repository_arns = []
    image_registry  = "210987654321.dkr.ecr.us-east-1.amazonaws.com/directfanz-staging"
    deploy_services = { pass_roles = [] }
    removable       = false
    stages          = [{ name = "source", kind = "source", commands = [], minutes = 30, large = false, role = "test" }]
  }
  expect_failures = [var.repository]
}
