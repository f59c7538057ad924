locals {
  service_name = local.blue_green ? aws_ecs_service.blue_green[0].name : aws_ecs_service.rolling[0].name
  targets = {
    cpu    = { metric = "ECSServiceAverageCPUUtilization", aim = var.sizes.scale_on_cpu_percent }
    memory = { metric = "ECSServiceAverageMemoryUtilization", aim = var.sizes.scale_on_memory_percent }
  }
}

resource "aws_appautoscaling_target" "this" {
  min_capacity       = var.sizes.tasks_min
  max_capacity       = var.sizes.tasks_max
  resource_id        = "service/${var.cluster_name}/${local.service_name}"
  scalable_dimension = "ecs:service:DesiredCount"
  service_namespace  = "ecs"
}

resource "aws_appautoscaling_policy" "this" {
  for_each           = local.targets
  name               = each.key
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  target_tracking_scaling_policy_configuration {
    target_value       = each.value.aim
    scale_out_cooldown = var.sizes.scale_out_cooldown_seconds
    scale_in_cooldown  = var.sizes.scale_in_cooldown_seconds
    predefined_metric_specification { predefined_metric_type = each.value.metric }
  }
}

# One minute over the aim adds many at once; target tracking above waits for three, and takes away.
resource "aws_appautoscaling_policy" "spike" {
  name               = "spike"
  policy_type        = "StepScaling"
  resource_id        = aws_appautoscaling_target.this.resource_id
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  step_scaling_policy_configuration {
    adjustment_type          = "PercentChangeInCapacity"
    min_adjustment_magnitude = 1
    metric_aggregation_type  = "Average"
    cooldown                 = var.sizes.scale_out_cooldown_seconds
    dynamic "step_adjustment" {
      for_each = var.steps
      content {
        metric_interval_lower_bound = step_adjustment.value.over
        metric_interval_upper_bound = try(var.steps[step_adjustment.key + 1].over, null)
        scaling_adjustment          = step_adjustment.value.add_percent
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "spike" {
  alarm_name          = "${local.full_name}-spike"
  alarm_description   = "${var.service} is over its aim of processor: tasks are added."
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  dimensions          = { ClusterName = var.cluster_name, ServiceName = local.service_name }
  statistic           = "Average"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.sizes.scale_on_cpu_percent
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_appautoscaling_policy.spike.arn]
}
