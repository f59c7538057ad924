output "address" {
  description = "host:port for transactions; the database itself when there is no pool."
  value       = var.tasks > 0 ? "pgbouncer.${var.namespace}:6432" : "${var.database_address}:5432"
}
