output "connection_arn" { value = aws_codeconnections_connection.this.arn }
output "stages" { value = [for stage in aws_codepipeline.this.stage : stage.name] }
