# One process of the platform as a Fargate service: private, read-only, not root, scaled by load.

locals {
  full_name  = "${var.name}-${var.service}"
  blue_green = var.deployment == "blue_green" && var.target_groups != null
  volumes    = { for path in var.writable_paths : trim(replace(path, "/", "-"), "-") => path }

  process = {
    name                   = var.service
    image                  = var.image
    command                = var.sizes.command
    essential              = true
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    stopTimeout            = var.sizes.drain_seconds
    portMappings           = [for port in concat([{ port = var.sizes.port, protocol = "tcp" }], var.ingest_targets) : { containerPort = port.port, hostPort = port.port, protocol = port.protocol }]
    environment            = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets                = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    mountPoints            = [for name, path in local.volumes : { sourceVolume = name, containerPath = path, readOnly = false }]
    linuxParameters        = { initProcessEnabled = true }
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = var.log_group, awslogs-region = var.region, awslogs-stream-prefix = var.service }
    }
  }
  collector = var.collector == null ? [] : [{
    name                   = "collector"
    image                  = var.collector.image
    essential              = false # figures may be late; requests may not
    readonlyRootFilesystem = true
    memoryReservation      = 64
    environment            = [{ name = "AOT_CONFIG_CONTENT", value = var.collector.config }]
    logConfiguration = {
      logDriver = "awslogs"
      options   = { awslogs-group = var.log_group, awslogs-region = var.region, awslogs-stream-prefix = "collector" }
    }
  }]
}

resource "aws_ecs_task_definition" "this" {
  family                   = local.full_name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.sizes.cpu_units
  memory                   = var.sizes.memory_mib
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = var.task_role_arn
  container_definitions    = jsonencode(concat([local.process], local.collector))
  runtime_platform {
    cpu_architecture        = var.architecture
    operating_system_family = "LINUX"
  }
  dynamic "volume" {
    for_each = local.volumes
    content { name = volume.key }
  }
}

# Two resources of one kind: what a deployment changes behind Terraform's back differs, and ignore_changes takes no variable.
resource "aws_ecs_service" "rolling" {
  count                              = local.blue_green ? 0 : 1
  name                               = var.service
  cluster                            = var.cluster_id
  task_definition                    = aws_ecs_task_definition.this.arn
  desired_count                      = var.sizes.tasks_min
  launch_type                        = var.sizes.spot_percent == 0 ? "FARGATE" : null
  propagate_tags                     = "SERVICE"
  health_check_grace_period_seconds  = var.target_groups == null ? null : 60
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  dynamic "capacity_provider_strategy" {
    for_each = var.sizes.spot_percent == 0 ? {} : { FARGATE = 100 - var.sizes.spot_percent, FARGATE_SPOT = var.sizes.spot_percent }
    content {
      capacity_provider = capacity_provider_strategy.key
      weight            = capacity_provider_strategy.value
      base              = capacity_provider_strategy.key == "FARGATE" && var.sizes.spot_percent < 100 ? 1 : 0
    }
  }
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  dynamic "alarms" {
    for_each = length(var.rollback_alarms) > 0 ? [1] : []
    content {
      alarm_names = var.rollback_alarms
      enable      = true
      rollback    = true
    }
  }
  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = var.group_ids
    assign_public_ip = false
  }
  dynamic "load_balancer" {
    for_each = var.target_groups == null ? [] : [var.target_groups["blue"]]
    content {
      target_group_arn = load_balancer.value.arn
      container_name   = var.service
      container_port   = var.sizes.port
    }
  }
  dynamic "load_balancer" {
    for_each = var.ingest_targets
    content {
      target_group_arn = load_balancer.value.arn
      container_name   = var.service
      container_port   = load_balancer.value.port
    }
  }
  dynamic "service_registries" {
    for_each = var.registry_arn == null ? [] : [var.registry_arn]
    content { registry_arn = service_registries.value }
  }
  lifecycle { ignore_changes = [desired_count] }
}

resource "aws_ecs_service" "blue_green" {
  count                             = local.blue_green ? 1 : 0
  name                              = var.service
  cluster                           = var.cluster_id
  task_definition                   = aws_ecs_task_definition.this.arn
  desired_count                     = var.sizes.tasks_min
  launch_type                       = "FARGATE"
  propagate_tags                    = "SERVICE"
  health_check_grace_period_seconds = 60
  deployment_controller { type = "CODE_DEPLOY" }
  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = var.group_ids
    assign_public_ip = false
  }
  load_balancer {
    target_group_arn = var.target_groups["blue"].arn
    container_name   = var.service
    container_port   = var.sizes.port
  }
  lifecycle {
    ignore_changes = [task_definition, load_balancer, desired_count, availability_zone_rebalancing]
    precondition {
      condition     = var.sizes.spot_percent == 0
      error_message = "CodeDeploy moves services on FARGATE alone: set spot_percent to 0, or deployment to rolling."
    }
    precondition {
      condition     = length(var.ingest_targets) == 0
      error_message = "CodeDeploy moves a service behind one balancer alone: what cameras come to is rolling."
    }
    precondition {
      condition     = var.listener_arn != null && var.deployment_role_arn != null
      error_message = "A blue/green service needs the listener and the deployment's role."
    }
  }
}
