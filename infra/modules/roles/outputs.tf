output "task_arns" { value = { for service, role in aws_iam_role.task : service => role.arn } }
output "execution_arn" { value = aws_iam_role.execution.arn }
output "policies" {
  description = "What each service may do, for those who check."
  value       = { for service, policy in aws_iam_role_policy.task : service => policy.policy }
}
