output "id" { value = aws_ecs_cluster.this.id }
output "name" { value = aws_ecs_cluster_capacity_providers.this.cluster_name }
output "namespace_id" { value = aws_service_discovery_private_dns_namespace.this.id }
output "namespace" { value = aws_service_discovery_private_dns_namespace.this.name }
