# At the front door: who comes too fast, what looks like an attack, and whom the operators sent away.

locals {
  # WAF counts over windows; ours is a minute.
  window  = 60
  managed = ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet", "AWSManagedRulesCommonRuleSet"]
  # Uploads go to the store with addresses of their own; the common rules' limit of 8 KiB would refuse posts with pictures' words.
  counted = { AWSManagedRulesCommonRuleSet = ["SizeRestrictions_BODY"] }
}

resource "aws_wafv2_ip_set" "blocked" {
  name               = "${var.name}-blocked"
  scope              = var.scope
  ip_address_version = "IPV4"
  addresses          = var.blocked_addresses
}

resource "aws_wafv2_web_acl" "this" {
  name        = var.name
  scope       = var.scope
  description = "The front door of ${var.name}"

  default_action {
    allow {}
  }

  rule {
    name     = "sent-away"
    priority = 0
    action {
      block {}
    }
    statement {
      ip_set_reference_statement { arn = aws_wafv2_ip_set.blocked.arn }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "sent-away"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "too-fast"
    priority = 1
    action {
      block {
        custom_response { response_code = 429 }
      }
    }
    statement {
      rate_based_statement {
        limit                 = var.requests_per_second_per_address * local.window
        aggregate_key_type    = "IP"
        evaluation_window_sec = local.window
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "too-fast"
      sampled_requests_enabled   = true
    }
  }

  rule {
    name     = "sign-in-too-fast"
    priority = 2
    action {
      block {
        custom_response { response_code = 429 }
      }
    }
    statement {
      rate_based_statement {
        limit                 = 100
        aggregate_key_type    = "IP"
        evaluation_window_sec = 300
        scope_down_statement {
          byte_match_statement {
            search_string         = var.sign_in_path
            positional_constraint = "STARTS_WITH"
            field_to_match {
              uri_path {}
            }
            text_transformation {
              priority = 0
              type     = "NORMALIZE_PATH"
            }
          }
        }
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "sign-in-too-fast"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = length(var.blocked_countries) > 0 ? [1] : []
    content {
      name     = "countries"
      priority = 3
      action {
        block {}
      }
      statement {
        geo_match_statement { country_codes = var.blocked_countries }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "countries"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = { for index, name in local.managed : name => 10 + index }
    content {
      name     = rule.key
      priority = rule.value
      override_action {
        none {}
      }
      statement {
        managed_rule_group_statement {
          name        = rule.key
          vendor_name = "AWS"
          dynamic "rule_action_override" {
            for_each = lookup(local.counted, rule.key, [])
            content {
              name = rule_action_override.value
              action_to_use {
                count {}
              }
            }
          }
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }
}

# The name must begin so, or WAF refuses it.
resource "aws_cloudwatch_log_group" "this" {
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_days
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]
  redacted_fields {
    single_header { name = "authorization" }
  }
  redacted_fields {
    single_header { name = "cookie" }
  }
}
