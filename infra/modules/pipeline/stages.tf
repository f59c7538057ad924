resource "aws_iam_role" "pipeline" {
  name               = "${var.name}-pipeline"
  assume_role_policy = local.trust["codepipeline"]
}

resource "aws_iam_role_policy" "pipeline" {
  name = "run-stages"
  role = aws_iam_role.pipeline.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:GetBucketVersioning"], Resource = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"] },
      { Effect = "Allow", Action = ["codeconnections:UseConnection", "codestar-connections:UseConnection"], Resource = [aws_codeconnections_connection.this.arn] },
      { Effect = "Allow", Action = ["codebuild:BatchGetBuilds", "codebuild:StartBuild"], Resource = [for project in aws_codebuild_project.this : project.arn] },
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.key_arn] },
      { Effect = "Allow", Action = ["sns:Publish"], Resource = [var.topic_arn] },
    ]
  })
}

resource "aws_codepipeline" "this" {
  name          = var.name
  role_arn      = aws_iam_role.pipeline.arn
  pipeline_type = "V2"
  artifact_store {
    location = aws_s3_bucket.this.bucket
    type     = "S3"
    encryption_key {
      id   = var.key_arn
      type = "KMS"
    }
  }

  dynamic "stage" {
    for_each = var.stages
    content {
      name = stage.value.name
      action {
        name             = stage.value.name
        category         = { source = "Source", run = "Build", approval = "Approval" }[stage.value.kind]
        owner            = "AWS"
        provider         = { source = "CodeStarSourceConnection", run = "CodeBuild", approval = "Manual" }[stage.value.kind]
        version          = "1"
        input_artifacts  = stage.value.kind == "run" ? ["source"] : []
        output_artifacts = stage.value.kind == "source" ? ["source"] : []
        configuration = {
          source   = { ConnectionArn = aws_codeconnections_connection.this.arn, FullRepositoryId = var.repository, BranchName = var.branch, OutputArtifactFormat = "CODEBUILD_CLONE_REF" }
          run      = { ProjectName = "${var.name}-${stage.value.name}" }
          approval = { NotificationArn = var.topic_arn, CustomData = "Staging carries this version. Approve it for production?" }
        }[stage.value.kind]
      }
    }
  }
  depends_on = [aws_iam_role_policy.pipeline]
}
