output "name" { value = local.name }
output "site" { value = local.site }
output "name_servers" { value = module.dns.name_servers }
output "zone_id" { value = module.dns.zone_id }
output "cluster" { value = module.cluster.name }
output "database_arn" { value = module.database.arn }
output "key_arn" { value = module.keys.arn }
output "vault_arn" { value = module.backup.vault_arn }
output "registry" { value = module.registry.urls }
output "buckets" { value = module.buckets.names }
output "topics" { value = module.observability.topics }
output "media_key_id" { value = one(module.cdn[*].media_key_id) }
output "connection_arn" { value = one(module.pipeline[*].connection_arn) }
output "subnets" { value = module.network.subnets }
output "groups" { value = module.network.groups }
output "deployments" { value = { for name, service in module.service : name => service.deployment_group } }
output "secrets" { value = { for name, secret in aws_secretsmanager_secret.this : name => secret.name } }
