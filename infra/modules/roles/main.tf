# A role for each service with what its adapters call, and nothing else. The statements come from the code.

locals {
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
  places = {
    "{region}"         = var.region
    "{account}"        = var.account_id
    "{storage_prefix}" = var.storage_prefix
    "{secrets_prefix}" = var.secrets_prefix
    "{mail_domain}"    = var.mail_domain
    "{key}"            = var.key_arn
    "{name}"           = var.name
  }
  # Terraform has no loop over replacements; there are seven places, so seven calls.
  told = { for adapter, statements in var.permissions : adapter => [for statement in statements : {
    Sid    = statement.sid
    Effect = "Allow"
    Action = statement.actions
    Resource = [for resource in statement.resources : replace(replace(replace(replace(replace(replace(replace(resource,
      "{region}", local.places["{region}"]),
      "{account}", local.places["{account}"]),
      "{storage_prefix}", local.places["{storage_prefix}"]),
      "{secrets_prefix}", local.places["{secrets_prefix}"]),
      "{mail_domain}", local.places["{mail_domain}"]),
      "{key}", local.places["{key}"]),
    "{name}", local.places["{name}"])]
  }] }
}

resource "aws_iam_role" "task" {
  for_each           = var.services
  name               = "${var.name}-${each.key}"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "task" {
  for_each = { for service, adapters in var.services : service => adapters if length(adapters) > 0 }
  name     = "adapters"
  role     = aws_iam_role.task[each.key].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = flatten([for adapter in each.value : local.told[adapter]])
  })
}

# ECS itself: pull the image, read the secrets a task starts with, write its log.
resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "execution" {
  name = "start-tasks"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "SignIn", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] },
      {
        Sid      = "Pull"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = var.repository_arns
      },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = [for arn in var.log_groups : "${arn}:*"] },
      { Sid = "Secrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = var.started_secrets },
      { Sid = "Decrypt", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.key_arn] },
    ]
  })
}
