# A push runs every stage of pipeline.toml. Each stage that runs something is a CodeBuild project of its own, so that each has
# only the rights of its kind: tests cannot deploy.

locals {
  runs   = { for stage in var.stages : stage.name => stage if stage.kind == "run" }
  bucket = "${var.name}-pipeline-${var.account_id}"
  roles = {
    test   = []
    image  = concat(module.rights.push, local.elsewhere)
    deploy = concat(module.rights.push, module.rights.deploy, local.elsewhere)
  }
  trust = { for service in ["codebuild", "codepipeline"] : service => jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "${service}.amazonaws.com" } }]
  }) }
}

module "rights" {
  source          = "../rights"
  region          = var.region
  account_id      = var.account_id
  repository_arns = var.repository_arns
  pass_roles      = var.deploy_services.pass_roles
}

locals {
  # Into the account that carries a version before this one does.
  elsewhere = var.other_role == null ? [] : [{ Effect = "Allow", Action = ["sts:AssumeRole"], Resource = [var.other_role] }]
}

resource "aws_s3_bucket" "this" {
  bucket        = local.bucket
  force_destroy = var.removable
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly", Effect = "Deny", Principal = { AWS = "*" }, Action = "s3:*"
      Resource  = ["arn:aws:s3:::${local.bucket}", "arn:aws:s3:::${local.bucket}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    id     = "old"
    status = "Enabled"
    filter { prefix = "" }
    expiration { days = 30 }
    abort_incomplete_multipart_upload { days_after_initiation = 7 }
  }
}

# Made PENDING: a person has to approve it once in the console.
resource "aws_codeconnections_connection" "this" {
  name          = substr(var.name, 0, 32)
  provider_type = "GitHub"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/pipeline"
  retention_in_days = var.log_days
  kms_key_id        = var.key_arn
}

resource "aws_iam_role" "build" {
  for_each           = local.roles
  name               = "${var.name}-build-${each.key}"
  assume_role_policy = local.trust["codebuild"]
}

resource "aws_iam_role_policy" "build" {
  for_each = local.roles
  name     = "build"
  role     = aws_iam_role.build[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${aws_cloudwatch_log_group.this.arn}:*"] },
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = ["${aws_s3_bucket.this.arn}/*"] },
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.key_arn] },
    ], [for statement in each.value : statement])
  })
}

resource "aws_codebuild_project" "this" {
  for_each      = local.runs
  name          = "${var.name}-${each.key}"
  service_role  = aws_iam_role.build[each.value.role].arn
  build_timeout = each.value.minutes
  artifacts { type = "NO_ARTIFACTS" }
  environment {
    type            = "ARM_CONTAINER"
    compute_type    = each.value.large ? "BUILD_GENERAL1_LARGE" : "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
    privileged_mode = each.value.role == "image"
    environment_variable {
      name  = "CI"
      value = "true"
    }
    dynamic "environment_variable" {
      for_each = each.value.role == "image" ? { REGISTRY = var.image_registry, REGISTRY_OF = "staging" } : {}
      content {
        name  = environment_variable.key
        value = environment_variable.value
      }
    }
  }
  source {
    type     = "GITHUB"
    location = "https://github.com/${var.repository}.git"
    buildspec = yamlencode({
      version = "0.2"
      phases  = { build = { commands = each.value.commands } }
    })
  }
  logs_config {
    cloudwatch_logs { group_name = aws_cloudwatch_log_group.this.name }
  }
}
