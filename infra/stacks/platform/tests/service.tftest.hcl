mock_provider "aws" {}

variables {
  name                = "directfanz-test"
  service             = "web"
  image               = "123456789012.dkr.ecr.us-east-1.amazonaws.com/directfanz/app:4f2a9c1"
  environment         = { DIRECTFANZ_PROFILE = "aws" }
  secrets             = {}
  deployment          = "rolling"
  cluster_id          = "arn:aws:ecs:us-east-1:123456789012:cluster/directfanz-test"
  cluster_name        = "directfanz-test"
  region              = "us-east-1"
  subnet_ids          = ["subnet-1"]
  group_ids           = ["sg-1"]
  execution_role_arn  = "arn:aws:iam::123456789012:role/execution"
  task_role_arn       = "arn:aws:iam::123456789012:role/web"
  log_group           = "/directfanz-test/web"
  deployment_role_arn = "arn:aws:iam::123456789012:role/deployment"
  listener_arn        = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/x/1/2"
  sizes = {
    command                    = ["directfanz", "run", "web"]
    port                       = 8100
    cpu_units                  = 1024
    memory_mib                 = 2048
    tasks_min                  = 2
    tasks_max                  = 20
    health_path                = "/health"
    drain_seconds              = 30
    scale_on_cpu_percent       = 70
    scale_on_memory_percent    = 80
    scale_out_cooldown_seconds = 60
    scale_in_cooldown_seconds  = 300
    spot_percent               = 0
  }
}

run "blue_and_green" {
  command = plan
  module { source = "../../modules/service" }
  variables {
    deployment = "blue_green"
    target_groups = {
      blue  = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/b/1", name = "b", suffix = "b/1" }
      green = { arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/1", name = "g", suffix = "g/1" }
    }
    rollback_alarms = ["directfanz-test-errors"]
  }
  assert {
    condition     = length(aws_ecs_service.blue_green) == 1 && aws_codedeploy_deployment_group.this[0].auto_rollback_configuration[0].enabled
    error_message = "CodeDeploy moves the traffic and takes it back."
  }
}

run "interruptible_but_one" {
  command = plan
  module { source = "../../modules/service" }
  variables { sizes = merge(var.sizes, { spot_percent = 80 }) }
  assert {
    condition     = length(aws_ecs_service.rolling[0].capacity_provider_strategy) == 2
    error_message = "Both kinds of capacity."
  }
}

run "a_size_that_fargate_has_not" {
  command = plan
  module { source = "../../modules/service" }
  variables { sizes = merge(var.sizes, { cpu_units = 256, memory_mib = 4096 }) }
  expect_failures = [var.sizes]
}

run "a_version_that_floats" {
  command = plan
  module { source = "../../modules/service" }
  variables { image = "directfanz/app:latest" }
  expect_failures = [var.image]
}
