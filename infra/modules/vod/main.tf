# Where uploads become renditions. `ffmpeg` is our own worker and needs nothing here; MediaConvert takes jobs from it instead, paid
# by the minute: a queue, and a role with which it reads the original and writes what viewers get.

variable "name" { type = string }
variable "account_id" { type = string }
variable "key_arn" { type = string }
variable "buckets" {
  type        = object({ source = string, target = string })
  description = "Real names of the buckets with originals and with what viewers get."
}

variable "backend" {
  type = string
  validation {
    condition     = contains(["ffmpeg", "mediaconvert"], var.backend)
    error_message = "vod_backend must be ffmpeg (our own worker) or mediaconvert."
  }
}

locals {
  here = var.backend == "mediaconvert" ? 1 : 0
}

resource "aws_media_convert_queue" "this" {
  count        = local.here
  name         = var.name
  pricing_plan = "ON_DEMAND"
  status       = "ACTIVE"
}

resource "aws_iam_role" "this" {
  count = local.here
  name  = "${var.name}-mediaconvert"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow", Action = "sts:AssumeRole", Principal = { Service = "mediaconvert.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  count = local.here
  name  = "read-originals-write-renditions"
  role  = aws_iam_role.this[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::${var.buckets.source}/*", "arn:aws:s3:::${var.buckets.target}/*"] },
      { Effect = "Allow", Action = ["s3:PutObject"], Resource = ["arn:aws:s3:::${var.buckets.target}/*"] },
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.key_arn] },
    ]
  })
}

output "queue_arn" { value = one(aws_media_convert_queue.this[*].arn) }
output "role_arn" { value = one(aws_iam_role.this[*].arn) }
