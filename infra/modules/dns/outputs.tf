output "zone_id" { value = local.zone_id }
output "name_servers" {
  description = "For the registrar."
  value       = var.zone_id == null ? aws_route53_zone.this[0].name_servers : []
}
