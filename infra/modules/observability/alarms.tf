locals {
  plain  = { for name, alarm in var.alarms : name => alarm if alarm.as_share_of == null }
  shares = { for name, alarm in var.alarms : name => alarm if alarm.as_share_of != null }
}

resource "aws_cloudwatch_metric_alarm" "plain" {
  for_each            = local.plain
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.about
  namespace           = var.namespace
  metric_name         = each.value.metric
  dimensions          = merge(local.everywhere, each.value.where)
  comparison_operator = each.value.above != null ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = each.value.above != null ? each.value.above : each.value.below
  # A counter is counted over the time given; the others must stay beyond the limit all that time.
  period             = var.metrics[each.value.metric].kind == "counter" ? each.value.for_seconds : 60
  evaluation_periods = var.metrics[each.value.metric].kind == "counter" ? 1 : each.value.for_seconds / 60
  statistic          = each.value.percentile != null ? null : var.metrics[each.value.metric].kind == "counter" ? "Sum" : "Maximum"
  extended_statistic = each.value.percentile != null ? "p${each.value.percentile}" : null
  treat_missing_data = "notBreaching"
  alarm_actions      = [aws_sns_topic.this[each.value.severity].arn]
  ok_actions         = [aws_sns_topic.this[each.value.severity].arn]
}

resource "aws_cloudwatch_metric_alarm" "share" {
  for_each            = local.shares
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.about
  comparison_operator = each.value.above != null ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = each.value.above != null ? each.value.above : each.value.below
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this[each.value.severity].arn]
  ok_actions          = [aws_sns_topic.this[each.value.severity].arn]

  metric_query {
    id          = "share"
    expression  = "part / whole"
    label       = each.value.about
    return_data = true
  }
  metric_query {
    id = "part"
    metric {
      namespace   = var.namespace
      metric_name = each.value.metric
      dimensions  = merge(local.everywhere, each.value.where)
      period      = each.value.for_seconds
      stat        = "Sum"
    }
  }
  metric_query {
    id = "whole"
    metric {
      namespace   = var.namespace
      metric_name = each.value.as_share_of
      dimensions  = local.everywhere
      period      = each.value.for_seconds
      stat        = "Sum"
    }
  }
}

# What only AWS can see: its own parts.
locals {
  parts = merge(
    { for service, suffix in var.target_suffixes : "${service}-unhealthy" => {
      namespace  = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum", above = 0, minutes = 3, severity = "page"
      about      = "A task of ${service} does not answer its health check."
      dimensions = { LoadBalancer = var.balancer_suffix, TargetGroup = suffix }
    } },
    { for service in var.services : "${service}-cpu" => {
      namespace  = "AWS/ECS", metric = "CPUUtilization", statistic = "Average", above = 90, minutes = 10, severity = "warn"
      about      = "${service} is at its limit of processor, and scaling does not help."
      dimensions = { ClusterName = var.cluster_name, ServiceName = service }
    } },
    { for replica in var.replica_ids : "${replica}-behind" => {
      namespace  = "AWS/RDS", metric = "ReplicaLag", statistic = "Maximum", above = var.replica_lag_max, minutes = 3, severity = "warn"
      about      = "${replica} is more than ${var.replica_lag_max} s behind its primary: strangers read what is old."
      dimensions = { DBInstanceIdentifier = replica }
    } },
    {
      database-cpu = {
        namespace  = "AWS/RDS", metric = "CPUUtilization", statistic = "Average", above = 80, minutes = 10, severity = "warn"
        about      = "The database's processor is over 80 %."
        dimensions = { DBInstanceIdentifier = var.database_id }
      }
      cache-memory = {
        namespace  = "AWS/ElastiCache", metric = var.cache_clustered ? "DatabaseMemoryUsagePercentage" : "BytesUsedForCache", statistic = "Maximum", above = var.cache_clustered ? 90 : 4000000000, minutes = 5, severity = "warn"
        about      = "The cache is nearly full."
        dimensions = var.cache_clustered ? { ReplicationGroupId = var.cache_id } : { clusterId = var.cache_id }
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "part" {
  for_each            = local.parts
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.about
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this[each.value.severity].arn]
  ok_actions          = [aws_sns_topic.this[each.value.severity].arn]
}

resource "aws_cloudwatch_metric_alarm" "disk" {
  alarm_name          = "${var.name}-database-disk"
  alarm_description   = "The database has less than 5 GiB of disk left."
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  dimensions          = { DBInstanceIdentifier = var.database_id }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 5 * 1024 * 1024 * 1024
  period              = 300
  evaluation_periods  = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.this["page"].arn]
  ok_actions          = [aws_sns_topic.this["page"].arn]
}
