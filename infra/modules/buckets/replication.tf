resource "aws_iam_role" "copy" {
  count = length(local.copied) > 0 ? 1 : 0
  name  = "${var.prefix}copy"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "s3.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "copy" {
  count = length(local.copied) > 0 ? 1 : 0
  name  = "copy"
  role  = aws_iam_role.copy[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        Resource = [for name in keys(local.copied) : "arn:aws:s3:::${var.prefix}${name}"]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
        Resource = [for name in keys(local.copied) : "arn:aws:s3:::${var.prefix}${name}/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
        Resource = [for name in keys(local.copied) : "arn:aws:s3:::${var.replica.prefix}${name}/*"]
      },
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.key_arn] },
      { Effect = "Allow", Action = ["kms:Encrypt", "kms:GenerateDataKey"], Resource = ["*"], Condition = { "ForAnyValue:StringLike" = { "kms:ResourceAliases" = "alias/${trimsuffix(var.replica.prefix, "-")}" } } },
    ]
  })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  for_each = local.copied
  bucket   = aws_s3_bucket.this[each.key].id
  role     = aws_iam_role.copy[0].arn
  rule {
    id       = "other-region"
    status   = "Enabled"
    priority = 1
    filter {}
    delete_marker_replication { status = "Enabled" }
    source_selection_criteria {
      sse_kms_encrypted_objects { status = "Enabled" }
    }
    destination {
      bucket        = "arn:aws:s3:::${var.replica.prefix}${each.key}"
      storage_class = "STANDARD_IA"
      encryption_configuration { replica_kms_key_id = var.replica.key_arn }
    }
  }
  depends_on = [aws_s3_bucket_versioning.this]
}
