# Buckets are private without exception: what is public is public through the edge, which alone may read.

locals {
  names = merge({ for name, _ in var.buckets : name => "${var.prefix}${name}" }, { logs = "${var.prefix}logs" })
  # S3 replicates only versioned buckets.
  copied = { for name, bucket in var.buckets : name => bucket if bucket.replicated && bucket.versioned && var.replica != null }
}

resource "aws_s3_bucket" "this" {
  for_each      = local.names
  bucket        = each.value
  force_destroy = var.removable
  tags          = { Name = each.value, Bucket = each.key }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each                = local.names
  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.names
  bucket   = aws_s3_bucket.this[each.key].id
  rule { object_ownership = each.key == "logs" ? "BucketOwnerPreferred" : "BucketOwnerEnforced" } # CloudFront writes its logs with an ACL
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.names
  bucket   = aws_s3_bucket.this[each.key].id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      # Log delivery of load balancers knows only S3's own key.
      sse_algorithm     = each.key == "logs" ? "AES256" : "aws:kms"
      kms_master_key_id = each.key == "logs" ? null : var.key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = var.buckets
  bucket   = aws_s3_bucket.this[each.key].id
  versioning_configuration { status = each.value.versioned ? "Enabled" : "Suspended" }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = var.buckets
  bucket   = aws_s3_bucket.this[each.key].id

  dynamic "rule" {
    for_each = each.value.lifecycle
    content {
      id     = "rule-${rule.key + 1}"
      status = "Enabled"
      filter { prefix = rule.value.prefix }
      dynamic "expiration" {
        for_each = rule.value.to == "deleted" && !rule.value.noncurrent ? [1] : []
        content { days = rule.value.after_days }
      }
      dynamic "noncurrent_version_expiration" {
        for_each = rule.value.to == "deleted" && rule.value.noncurrent ? [1] : []
        content { noncurrent_days = rule.value.after_days }
      }
      dynamic "transition" {
        for_each = rule.value.to != "deleted" && !rule.value.noncurrent ? [1] : []
        content {
          days          = rule.value.after_days
          storage_class = var.storage_classes[rule.value.to]
        }
      }
      dynamic "noncurrent_version_transition" {
        for_each = rule.value.to != "deleted" && rule.value.noncurrent ? [1] : []
        content {
          noncurrent_days = rule.value.after_days
          storage_class   = var.storage_classes[rule.value.to]
        }
      }
    }
  }

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"
    filter { prefix = "" }
    abort_incomplete_multipart_upload { days_after_initiation = var.unfinished_uploads_days }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.this["logs"].id
  rule {
    id     = "old"
    status = "Enabled"
    filter { prefix = "" }
    expiration { days = 90 }
    abort_incomplete_multipart_upload { days_after_initiation = 7 }
  }
}

resource "aws_s3_bucket_cors_configuration" "this" {
  for_each = { for name, bucket in var.buckets : name => bucket if bucket.presigned }
  bucket   = aws_s3_bucket.this[each.key].id
  cors_rule {
    allowed_origins = [var.site_url]
    allowed_methods = ["GET", "PUT"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.names
  bucket   = aws_s3_bucket.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::${each.value}", "arn:aws:s3:::${each.value}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      contains(var.edge_buckets, each.key) ? [{
        Sid       = "EdgeReads"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::${each.value}/*"
        Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:cloudfront::${var.account_id}:distribution/*" } }
      }] : [],
      each.key == "logs" ? [for service in ["logging.s3", "logdelivery.elasticloadbalancing", "delivery.logs"] : {
        Sid       = "From${join("", [for word in split(".", service) : title(word)])}"
        Effect    = "Allow"
        Principal = { Service = "${service}.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::${each.value}/*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      }] : [],
    )
  })
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_logging" "this" {
  for_each      = var.buckets
  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = aws_s3_bucket.this["logs"].id
  target_prefix = "${each.key}/"
  depends_on    = [aws_s3_bucket_policy.this]
}
