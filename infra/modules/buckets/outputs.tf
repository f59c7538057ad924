output "names" {
  description = "Real names by the one in platform.toml."
  value       = { for name, bucket in aws_s3_bucket.this : name => bucket.bucket }
}

output "domains" {
  description = "Where the edge reads each bucket."
  value       = { for name, bucket in aws_s3_bucket.this : name => bucket.bucket_regional_domain_name }
}

output "logs_ready" {
  description = "Known once log delivery may write."
  value       = aws_s3_bucket_policy.this["logs"].bucket
}
