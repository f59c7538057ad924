# Beside each process stands a collector: figures to CloudWatch, traces to X-Ray. Lines of the log go to CloudWatch by standard output.

locals {
  # CloudWatch keeps a figure once for each set of dimensions, and bills each: of the whole platform, by service if wanted, and by what an
  # alarm asks. The collector lets nothing pass that has no dimension, so the whole has one too.
  everywhere = { platform = var.platform_name }
  asked      = { for name, alarm in var.alarms : alarm.metric => sort(concat(keys(local.everywhere), keys(alarm.where)))... if length(alarm.where) > 0 }
  dimensions = { for name in keys(var.metrics) : name => distinct(concat([keys(local.everywhere)], var.by_service ? [["platform", "service"]] : [], lookup(local.asked, name, []))) }
  collector = yamlencode({
    receivers  = { otlp = { protocols = { http = { endpoint = "127.0.0.1:4318" } } } }
    processors = { batch = { timeout = "10s" } }
    exporters = {
      awsxray = { region = var.region }
      awsemf = {
        region                  = var.region
        namespace               = var.namespace
        log_group_name          = aws_cloudwatch_log_group.figures.name
        dimension_rollup_option = "NoDimensionRollup"
        metric_declarations     = [for name, sets in local.dimensions : { dimensions = sets, metric_name_selectors = ["^${name}$"] }]
      }
    }
    service = { pipelines = {
      traces  = { receivers = ["otlp"], processors = ["batch"], exporters = ["awsxray"] }
      metrics = { receivers = ["otlp"], processors = ["batch"], exporters = ["awsemf"] }
    } }
  })
}

resource "aws_cloudwatch_log_group" "figures" {
  name              = "/${var.name}/figures"
  retention_in_days = var.log_days
  kms_key_id        = var.key_arn
}

resource "aws_cloudwatch_log_group" "service" {
  for_each          = var.services
  name              = "/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.key_arn
}

resource "aws_xray_sampling_rule" "this" {
  rule_name      = substr(var.name, 0, 32)
  priority       = 1000
  version        = 1
  reservoir_size = 1
  fixed_rate     = var.trace_ratio
  url_path       = "*"
  host           = "*"
  http_method    = "*"
  service_type   = "*"
  service_name   = "*"
  resource_arn   = "*"
}

resource "aws_cloudwatch_query_definition" "errors" {
  name            = "${var.name}/errors"
  log_group_names = [for group in aws_cloudwatch_log_group.service : group.name]
  query_string    = "fields @timestamp, service, message, request_id | filter level in ['error', 'critical'] | sort @timestamp desc | limit 200"
}

resource "aws_cloudwatch_query_definition" "request" {
  name            = "${var.name}/one-request"
  log_group_names = [for group in aws_cloudwatch_log_group.service : group.name]
  query_string    = "fields @timestamp, service, level, message | filter request_id = 'PUT-THE-ID-HERE' | sort @timestamp asc"
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for index, name in sort(keys(var.metrics)) : {
      type   = "metric"
      x      = (index % 3) * 8
      y      = floor(index / 3) * 6
      width  = 8
      height = 6
      properties = {
        title   = name
        region  = var.region
        stat    = var.metrics[name].kind == "counter" ? "Sum" : var.metrics[name].kind == "histogram" ? "p95" : "Maximum"
        period  = 60
        metrics = [[var.namespace, name, "platform", var.platform_name]]
      }
    }]
  })
}
