variable "name" { type = string }
variable "region" { type = string }
variable "account_id" { type = string }
variable "storage_prefix" { type = string }
variable "secrets_prefix" { type = string }
variable "mail_domain" { type = string }
variable "key_arn" { type = string }

variable "permissions" {
  description = "What each adapter asks of AWS, as it says beside its code. Resources hold {placeholders}."
  type = map(list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
  })))
}

variable "services" {
  description = "Adapters of each service's process."
  type        = map(list(string))
}

variable "started_secrets" {
  description = "Secrets that ECS hands to a task when it starts."
  type        = list(string)
}

variable "log_groups" { type = list(string) }
variable "repository_arns" { type = list(string) }
