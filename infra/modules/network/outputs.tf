output "vpc_id" { value = aws_vpc.this.id }

output "subnets" {
  description = "Ids by tier."
  value       = { for tier, names in local.of_tier : tier => [for name in sort(names) : aws_subnet.this[name].id] }
}

output "groups" {
  description = "Security group ids by who wears them."
  value       = { for name, group in aws_security_group.this : name => group.id }
}

output "cidrs" {
  value = { for key, subnet in local.subnets : key => subnet.cidr }
}
