# What a pipeline may do where it deploys: push and copy images, move services to them.

variable "region" { type = string }
variable "account_id" { type = string }
variable "repository_arns" { type = list(string) }
variable "pass_roles" {
  type        = list(string)
  description = "Roles that a deployment hands over to tasks."
}

locals {
  push = [
    { Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] },
    {
      Effect = "Allow"
      Action = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
      ]
      Resource = var.repository_arns
    },
  ]
  deploy = [
    {
      Effect   = "Allow"
      Action   = ["ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition", "ecs:UpdateService", "ecs:RunTask", "ecs:DescribeTasks"]
      Resource = ["*"] # task definitions have no ARN before they are registered
    },
    {
      Effect = "Allow"
      Action = ["codedeploy:CreateDeployment", "codedeploy:GetDeployment", "codedeploy:GetDeploymentConfig", "codedeploy:RegisterApplicationRevision", "codedeploy:GetApplicationRevision"]
      Resource = [
        "arn:aws:codedeploy:${var.region}:${var.account_id}:application:*",
        "arn:aws:codedeploy:${var.region}:${var.account_id}:deploymentgroup:*",
        "arn:aws:codedeploy:${var.region}:${var.account_id}:deploymentconfig:*",
      ]
    },
    { Effect = "Allow", Action = ["iam:PassRole"], Resource = var.pass_roles },
  ]
}

output "push" { value = local.push }
output "deploy" { value = local.deploy }
