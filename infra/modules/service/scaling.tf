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
