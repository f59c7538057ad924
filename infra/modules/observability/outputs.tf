output "topics" { value = { for severity, topic in aws_sns_topic.this : severity => topic.arn } }
output "collector" { value = local.collector }
output "log_groups" { value = { for service, group in aws_cloudwatch_log_group.service : service => { name = group.name, arn = group.arn } } }
output "figures_group_arn" { value = aws_cloudwatch_log_group.figures.arn }
output "rollback_alarms" {
  description = "Those of platform.toml that wake someone: a deployment that raises one is taken back."
  value       = [for name, alarm in var.alarms : "${var.name}-${name}" if alarm.severity == "page"]
}
output "alarm_names" {
  value = concat(values(aws_cloudwatch_metric_alarm.plain)[*].alarm_name, values(aws_cloudwatch_metric_alarm.share)[*].alarm_name, values(aws_cloudwatch_metric_alarm.part)[*].alarm_name)
}
