variable "root" { type = string }
variable "zone_id" { type = string }

variable "write_records" {
  description = "The record that proves the domain is the same in every region; one writes it."
  type        = bool
}

resource "aws_acm_certificate" "this" {
  domain_name               = var.root
  subject_alternative_names = ["*.${var.root}"]
  validation_method         = "DNS"
  lifecycle { create_before_destroy = true }
}

# The domain and its wildcard are proved by one record; keyed by a name that is known before the certificate is.
resource "aws_route53_record" "proof" {
  for_each        = var.write_records ? toset([var.root]) : toset([])
  zone_id         = var.zone_id
  name            = one([for option in aws_acm_certificate.this.domain_validation_options : option.resource_record_name if option.domain_name == each.key])
  type            = one([for option in aws_acm_certificate.this.domain_validation_options : option.resource_record_type if option.domain_name == each.key])
  records         = [one([for option in aws_acm_certificate.this.domain_validation_options : option.resource_record_value if option.domain_name == each.key])]
  ttl             = 60
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = var.write_records ? [for record in aws_route53_record.proof : record.fqdn] : null
}

output "arn" { value = aws_acm_certificate_validation.this.certificate_arn }
