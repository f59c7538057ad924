# The zone and its certificate: the domain and everything one level under it, validated by a record, renewed by AWS.

resource "aws_route53_zone" "this" {
  count   = var.zone_id == null ? 1 : 0
  name    = var.root
  comment = var.name
}

locals {
  zone_id = var.zone_id == null ? aws_route53_zone.this[0].zone_id : var.zone_id
}

resource "aws_route53_record" "who_may_certify" {
  count   = var.zone_id == null ? 1 : 0
  zone_id = local.zone_id
  name    = var.root
  type    = "CAA"
  ttl     = 300
  records = ["0 issue \"amazon.com\"", "0 issuewild \"amazon.com\""]
}

resource "aws_route53_record" "mail" {
  for_each = var.mail_records
  zone_id  = local.zone_id
  name     = each.key
  type     = each.value.type
  ttl      = 300
  records  = each.value.records
}
