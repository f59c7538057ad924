mock_provider "aws" {}

variables {
  name                 = "directfanz-test"
  region               = "us-east-1"
  cidr                 = "10.20.0.0/16"
  zones                = ["us-east-1a", "us-east-1b", "us-east-1c"]
  nat_gateways         = 1
  flow_log_days        = 30
  key_arn              = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  ports                = { web = 8100 }
  balancer_prefix_list = "pl-3b927c52"
}

run "three_tiers_over_three_zones" {
  command = plan
  module { source = "../../modules/network" }
  assert {
    condition     = length(aws_subnet.this) == 9 && length(distinct([for subnet in aws_subnet.this : subnet.cidr_block])) == 9
    error_message = "Nine subnets, each with addresses of its own."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route_table.private) == 1
    error_message = "One gateway serves all private subnets."
  }
}

run "a_gateway_for_each_zone" {
  command = plan
  module { source = "../../modules/network" }
  variables { nat_gateways = 3 }
  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_route_table.private) == 3
    error_message = "Each zone has a way out of its own."
  }
}

run "a_public_network_is_refused" {
  command = plan
  module { source = "../../modules/network" }
  variables { cidr = "8.8.0.0/16" }
  expect_failures = [var.cidr]
}

run "a_small_network_is_refused" {
  command = plan
  module { source = "../../modules/network" }
  variables { cidr = "10.20.0.0/24" }
  expect_failures = [var.cidr]
}

run "one_zone_is_refused" {
  command = plan
  module { source = "../../modules/network" }
  variables { zones = ["us-east-1a"] }
  expect_failures = [var.zones]
}
