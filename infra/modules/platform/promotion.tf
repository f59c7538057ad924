# A pipeline in another account deploys here too: its builds, and nobody else there, may take this role.

module "rights" {
  source          = "../rights"
  region          = var.region
  account_id      = var.account_id
  repository_arns = values(module.registry.arns)
  pass_roles      = concat(values(module.roles.task_arns), [module.roles.execution_arn])
}

resource "aws_iam_role" "pipeline" {
  count = var.promoted_by == null ? 0 : 1
  name  = "${local.name}-promotion"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::${var.promoted_by}:root" }
      Condition = { ArnLike = { "aws:PrincipalArn" = [for kind in ["image", "deploy"] : "arn:aws:iam::${var.promoted_by}:role/${var.platform.name}-prod-build-${kind}"] } }
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  count  = var.promoted_by == null ? 0 : 1
  name   = "deploy"
  role   = aws_iam_role.pipeline[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = concat(module.rights.push, module.rights.deploy) })
}
