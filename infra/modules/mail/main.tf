# Mail from our own domain: signed, with a return path of ours, and bounces that reach us.

variable "name" { type = string }
variable "root" { type = string }
variable "region" { type = string }
variable "topic_arn" { type = string }

resource "aws_sesv2_configuration_set" "this" {
  configuration_set_name = var.name
  delivery_options { tls_policy = "REQUIRE" }
  reputation_options { reputation_metrics_enabled = true }
  sending_options { sending_enabled = true }
  suppression_options { suppressed_reasons = ["BOUNCE", "COMPLAINT"] }
}

resource "aws_sesv2_email_identity" "this" {
  email_identity         = var.root
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name
  dkim_signing_attributes { next_signing_key_length = "RSA_2048_BIT" }
}

resource "aws_sesv2_email_identity_mail_from_attributes" "this" {
  email_identity   = aws_sesv2_email_identity.this.email_identity
  mail_from_domain = "bounce.${var.root}"
}

resource "aws_sesv2_configuration_set_event_destination" "this" {
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name
  event_destination_name = "trouble"
  event_destination {
    enabled              = true
    matching_event_types = ["BOUNCE", "COMPLAINT", "REJECT"]
    sns_destination { topic_arn = var.topic_arn }
  }
}

output "records" {
  description = "For the zone. SES signs with three keys whose names it chooses; those are in `dkim_tokens`."
  value = {
    "bounce.${var.root}" = { type = "MX", records = ["10 feedback-smtp.${var.region}.amazonses.com"] }
    "_dmarc.${var.root}" = { type = "TXT", records = ["v=DMARC1; p=quarantine; adkim=s; aspf=r; rua=mailto:dmarc@${var.root}"] }
  }
}

output "spf" { value = "v=spf1 include:amazonses.com -all" }
output "dkim_tokens" { value = try(aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens, []) }
