# MediaConvert itself: it reads what people sent and writes what is seen of it.
resource "aws_iam_role" "mediaconvert" {
  name = "${var.name}-mediaconvert"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "mediaconvert.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "mediaconvert" {
  name = "films"
  role = aws_iam_role.mediaconvert.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Read", Effect = "Allow", Action = ["s3:GetObject"], Resource = [for bucket in ["media", "uploads"] : "arn:aws:s3:::${var.storage_prefix}${bucket}/*"] },
      { Sid = "Write", Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::${var.storage_prefix}media/*"] },
      { Sid = "Key", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.key_arn] },
    ]
  })
}

output "mediaconvert_arn" { value = aws_iam_role.mediaconvert.arn }
