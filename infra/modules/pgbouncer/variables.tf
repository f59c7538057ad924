variable "name" { type = string }
variable "tasks" {
  type        = number
  description = "0 leaves it out: the processes' own pools suffice while there are few of them."
}
variable "image" { type = string }
variable "database_address" { type = string }
variable "database_name" { type = string }
variable "pool_max" {
  type        = number
  description = "Connections to the database for each task."
}
variable "secret_arn" {
  type        = string
  description = "Secret with the application role's line of PgBouncer's user list."
}
variable "namespace_id" { type = string }
variable "namespace" { type = string }
variable "cluster_id" { type = string }
variable "cluster_name" { type = string }
variable "region" { type = string }
variable "subnet_ids" { type = list(string) }
variable "group_id" { type = string }
variable "execution_role_arn" { type = string }
variable "task_role_arn" { type = string }
variable "log_group" { type = string }
