output "name" { value = local.service_name }
output "task_family" { value = aws_ecs_task_definition.this.family }
output "container_definitions" { value = aws_ecs_task_definition.this.container_definitions }
output "deployment_group" {
  value = local.blue_green ? { app = aws_codedeploy_app.this[0].name, group = aws_codedeploy_deployment_group.this[0].deployment_group_name } : null
}
