output "address" { value = aws_db_instance.primary.address }
output "identifier" { value = aws_db_instance.primary.identifier }
output "arn" { value = aws_db_instance.primary.arn }
output "master_secret_arn" { value = try(aws_db_instance.primary.master_user_secret[0].secret_arn, null) }
output "replica_addresses" { value = aws_db_instance.replica[*].address }
