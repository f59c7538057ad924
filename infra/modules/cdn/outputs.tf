output "domain" { value = aws_cloudfront_distribution.this.domain_name }
output "zone_id" { value = aws_cloudfront_distribution.this.hosted_zone_id }
output "arn" { value = aws_cloudfront_distribution.this.arn }
output "id" { value = aws_cloudfront_distribution.this.id }
output "media_key_id" {
  description = "What signed links name as their key."
  value       = aws_cloudfront_public_key.media.id
}
output "patterns" { value = [for entry in local.patterns : entry.pattern] }
