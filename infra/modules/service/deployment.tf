resource "aws_codedeploy_app" "this" {
  count            = local.blue_green ? 1 : 0
  name             = local.full_name
  compute_platform = "ECS"
}

resource "aws_codedeploy_deployment_group" "this" {
  count                  = local.blue_green ? 1 : 0
  app_name               = aws_codedeploy_app.this[0].name
  deployment_group_name  = var.service
  deployment_config_name = "CodeDeployDefault.ECSCanary10Percent5Minutes"
  service_role_arn       = var.deployment_role_arn

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
  }
  alarm_configuration {
    enabled = length(var.rollback_alarms) > 0
    alarms  = var.rollback_alarms
  }
  blue_green_deployment_config {
    deployment_ready_option { action_on_timeout = "CONTINUE_DEPLOYMENT" }
    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = 15 # the way back stays warm so long
    }
  }
  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }
  ecs_service {
    cluster_name = var.cluster_name
    service_name = aws_ecs_service.blue_green[0].name
  }
  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route { listener_arns = [var.listener_arn] }
      target_group { name = var.target_groups["blue"].name }
      target_group { name = var.target_groups["green"].name }
    }
  }
}
