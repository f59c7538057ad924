# What requests pass: certificate, edge, load balancers.
mock_provider "aws" {
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/test/1", zone_id = "Z1", dns_name = "test.elb.amazonaws.com" }
  }
  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/test/1/2" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/test/1" }
  }
  mock_resource "aws_acm_certificate" {
    defaults = { arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
  }
}

variables {
  name            = "directfanz-test"
  root            = "directfanz.io"
  vpc_id          = "vpc-1"
  subnet_ids      = ["subnet-1", "subnet-2"]
  certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  zone_id         = "Z1"
  protected       = true
  edge_token      = "of-a-test"
  routes = {
    "/"       = { service = "web", cache = "private", signed = false, websocket = false }
    "/ws"     = { service = "realtime", cache = "private", signed = false, websocket = true }
    "/media/" = { bucket = "media", cache = "media", signed = true, websocket = false }
  }
}

run "a_certificate_for_the_domain_and_all_under_it" {
  command = plan
  module { source = "../../modules/certificate" }
  variables { write_records = true }
  assert {
    condition     = aws_acm_certificate.this.subject_alternative_names == toset(["*.directfanz.io"]) && aws_acm_certificate.this.validation_method == "DNS"
    error_message = "One certificate, proved by DNS, so that it renews by itself."
  }
}

run "requests_come_from_the_edge_or_not_at_all" {
  command = plan
  module { source = "../../modules/balancer" }
  variables {
    group_id     = "sg-1"
    logs_bucket  = "directfanz-test-logs"
    services     = { web = { port = 8100, health_path = "/health", drain_seconds = 30, sticky = false }, realtime = { port = 8110, health_path = "/health", drain_seconds = 60, sticky = true } }
    routes       = { "/" = "web", "/ws" = "realtime" }
    hosts        = { "ws.directfanz.io" = "realtime" }
    hidden_paths = ["/metrics", "/ready"]
    idle_seconds = 60
  }
  assert {
    condition     = one(aws_lb_listener.https.default_action).type == "fixed-response" && one(one(aws_lb_listener.https.default_action).fixed_response).status_code == "403"
    error_message = "Who does not come through the edge is turned away."
  }
  assert {
    condition     = length(aws_lb_target_group.this) == 4 && one(aws_lb_target_group.this["realtime-blue"].stickiness).enabled && !one(aws_lb_target_group.this["web-blue"].stickiness).enabled
    error_message = "Two colours of each service; sockets stay where they are."
  }
  assert {
    condition     = aws_lb.this.enable_deletion_protection && aws_lb.this.drop_invalid_header_fields
    error_message = "Protected, and strict about headers."
  }
}

run "each_route_is_a_behaviour" {
  command = plan
  module { source = "../../modules/cdn" }
  variables {
    aliases                 = ["directfanz.io"]
    web_acl_arn             = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/test/1"
    origin_domain           = "origin.directfanz.io"
    bucket_domains          = { media = "directfanz-test-media.s3.us-east-1.amazonaws.com" }
    logs_bucket_domain      = "directfanz-test-logs.s3.us-east-1.amazonaws.com"
    media_public_key        = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n"
    request_timeout_seconds = 30
    keepalive_seconds       = 60
    cache_policies = {
      private = { ttl_seconds = 0, max_seconds = 0, shared = false, vary_on_query = false, compress = true }
      media   = { ttl_seconds = 3600, max_seconds = 86400, shared = true, vary_on_query = false, compress = false }
    }
  }
  assert {
    condition     = [for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior : behaviour.path_pattern] == ["/media/*", "/ws", "/ws/*"]
    error_message = "The longest path first, and a path with all under it."
  }
  assert {
    condition     = one(aws_cloudfront_distribution.this.viewer_certificate).minimum_protocol_version == "TLSv1.2_2021" && alltrue([for behaviour in aws_cloudfront_distribution.this.ordered_cache_behavior : behaviour.viewer_protocol_policy == "redirect-to-https"])
    error_message = "TLS alone."
  }
  assert {
    condition     = aws_cloudfront_cache_policy.this["media"].max_ttl == 86400 && length(aws_cloudfront_cache_policy.this) == 1
    error_message = "What may be kept is kept as long as platform.toml says, and nothing else is."
  }
}

run "a_key_that_is_none" {
  command = plan
  module { source = "../../modules/cdn" }
  variables {
    aliases                 = []
    web_acl_arn             = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/test/1"
    origin_domain           = "origin.directfanz.io"
    bucket_domains          = { media = "x" }
    logs_bucket_domain      = "x"
    media_public_key        = "hello"
    request_timeout_seconds = 30
    keepalive_seconds       = 60
    cache_policies          = { private = { ttl_seconds = 0, max_seconds = 0, shared = false, vary_on_query = false, compress = true }, media = { ttl_seconds = 0, max_seconds = 0, shared = false, vary_on_query = false, compress = true } }
  }
  expect_failures = [var.media_public_key]
}

run "cameras_come_past_the_edge" {
  command = plan
  module { source = "../../modules/ingest" }
  variables {
    service_group_id = "sg-2"
    host             = "ingest.directfanz.io"
    drain_seconds    = 120
    health           = { port = 8120, path = "/health" }
    ports            = { rtmp = 1935, rtmps = 1936, srt = 8121 }
  }
  assert {
    condition     = aws_lb_listener.this["rtmps"].protocol == "TLS" && aws_lb_listener.this["srt"].protocol == "UDP" && length(aws_lb_target_group.this) == 2
    error_message = "TLS ends at the balancer, so both kinds of RTMP reach one port; SRT has its own."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.camera : contains([1935, 1936, 8121], rule.from_port)])
    error_message = "The world reaches the ports of cameras and no other."
  }
}

run "two_protocols_on_one_port" {
  command = plan
  module { source = "../../modules/ingest" }
  variables {
    service_group_id = "sg-2"
    host             = "ingest.directfanz.io"
    drain_seconds    = 120
    health           = { port = 8120, path = "/health" }
    ports            = { rtmp = 1935, srt = 1935 }
  }
  expect_failures = [var.ports]
}
