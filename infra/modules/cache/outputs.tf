output "node" {
  description = "host:port of the cluster's or the serverless cache's one address."
  value = local.cluster ? "${aws_elasticache_replication_group.this[0].configuration_endpoint_address}:6379" : (
    "${aws_elasticache_serverless_cache.this[0].endpoint[0].address}:${aws_elasticache_serverless_cache.this[0].endpoint[0].port}"
  )
}

output "id" { value = var.name }
