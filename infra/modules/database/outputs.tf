output "address" { value = aws_db_instance.primary.address }
output "identifier" { value = aws_db_instance.primary.identifier }
output "arn" { value = aws_db_instance.primary.arn }
output "replica_addresses" { value = aws_db_instance.replica[*].address }
