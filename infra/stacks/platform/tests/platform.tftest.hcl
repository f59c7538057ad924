# All parts together, as platform.toml has them (its variables are those that every run of this folder reads), and what is refused.
mock_provider "aws" {}
mock_provider "aws" {
  alias = "edge"
}

variables {
  environment      = "staging"
  region           = "eu-central-1"
  account_id       = "123456789012"
  cidr             = "10.30.0.0/16"
  zones            = ["a", "b"]
  protected        = false
  alert_emails     = { page = ["a@example.com"], warn = ["b@example.com"] }
  image_tag        = "4f2a9c1"
  collector_image  = "collector:1"
  media_public_key = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"
  edge_prefix_list = "pl-3b927c52"
  edge_networks    = ["130.176.0.0/17"]
  promoted_by      = "210987654321"
  sizing = {
    nat_gateways        = 1
    interface_endpoints = []
    cache_mode          = "serverless"
    serverless_gib_max  = 1
    pgbouncer_tasks     = 0
    insights            = "disabled"
    figures_by_service  = false
    deployment          = "rolling"
    database            = { instance = "db.t4g.small", storage_gib = 20, multi_az = true, replicas = 0 }
  }
}

run "an_environment" {
  command   = plan
  providers = { aws = aws, aws.edge = aws.edge }
  module { source = "../../modules/platform" }
  assert {
    condition     = output.site == "https://staging.${var.platform.domains.root}"
    error_message = "All but production stand under a name of their own."
  }
  assert {
    condition     = aws_iam_role.pipeline[0].name == "directfanz-staging-promotion" && strcontains(aws_iam_role.pipeline[0].assume_role_policy, "210987654321:role/directfanz-prod-build-deploy")
    error_message = "Builds of production's pipeline deploy here, and nobody else of that account."
  }
  assert {
    condition     = length(aws_route53_health_check.world) == 0
    error_message = "Watched from outside is what is protected."
  }
}

run "an_environment_that_is_none" {
  command   = plan
  providers = { aws = aws, aws.edge = aws.edge }
  module { source = "../../modules/platform" }
  variables {
    environment   = "moon"
    region        = "mars-1"
    account_id    = "12"
    image_tag     = "latest"
    promoted_by   = "somebody"
    promotes_from = "1"
    alert_emails  = { page = ["nobody"], warn = ["b@example.com"] }
  }
  expect_failures = [var.environment, var.region, var.account_id, var.image_tag, var.promoted_by, var.promotes_from, var.alert_emails]
}
