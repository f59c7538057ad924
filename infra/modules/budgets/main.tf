# What it may cost, and who hears before it does.

variable "name" { type = string }
variable "monthly_usd" { type = number }
variable "warn_at_percent" { type = list(number) }
variable "emails" { type = list(string) }
variable "anomaly_usd" {
  description = "An unexpected cost of this size is told within a day."
  type        = number
}

variable "tags" {
  description = "Tags by which the bill is split; they must be switched on once."
  type        = set(string)
}

resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = format("%.1f", var.monthly_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:Environment$%s", var.name)]
  }
  dynamic "notification" {
    for_each = var.warn_at_percent
    content {
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      notification_type          = notification.value >= 100 ? "FORECASTED" : "ACTUAL"
      subscriber_email_addresses = var.emails
    }
  }
}

resource "aws_ce_anomaly_monitor" "this" {
  name              = var.name
  monitor_type      = "DIMENSIONAL"
  monitor_dimension = "SERVICE"
}

resource "aws_ce_anomaly_subscription" "this" {
  name             = var.name
  frequency        = "DAILY"
  monitor_arn_list = [aws_ce_anomaly_monitor.this.arn]
  dynamic "subscriber" {
    for_each = var.emails
    content {
      type    = "EMAIL"
      address = subscriber.value
    }
  }
  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      values        = [tostring(var.anomaly_usd)]
      match_options = ["GREATER_THAN_OR_EQUAL"]
    }
  }
}

resource "aws_ce_cost_allocation_tag" "this" {
  for_each = var.tags
  tag_key  = each.key
  status   = "Active"
}
