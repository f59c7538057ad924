variable "name" { type = string }
variable "region" { type = string }
variable "account_id" { type = string }
variable "key_arn" { type = string }
variable "repository" {
  description = "owner/name on GitHub."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.repository))
    error_message = "repository must be owner/name, such as directfanz/platform."
  }
}
variable "branch" {
  type    = string
  default = "main"
}
variable "stages" {
  description = "As pipeline.toml lists them; the local executor runs the same."
  type = list(object({
    name        = string
    kind        = string
    commands    = list(string)
    minutes     = number
    large       = bool
    environment = optional(string)
    role        = string
  }))
  validation {
    condition     = var.stages[0].kind == "source"
    error_message = "The first stage brings the source."
  }
}
variable "repository_arns" { type = list(string) }
variable "deploy_services" {
  description = "ARNs that a deployment touches: services, deployment groups, roles it hands over."
  type        = object({ pass_roles = list(string) })
}
variable "other_role" {
  description = "Role in the account that carries a version before this one does; null: it is this account."
  type        = string
  default     = null
}
variable "image_registry" {
  description = "Where images are pushed, without their own names: that of the environment which carries a version first."
  type        = string
}
variable "topic_arn" { type = string }
variable "log_days" { type = number }
variable "removable" { type = bool }
