output "arn" { value = aws_wafv2_web_acl.this.arn }
output "name" { value = aws_wafv2_web_acl.this.name }
