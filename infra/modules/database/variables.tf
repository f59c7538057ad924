variable "name" { type = string }

variable "database" {
  description = "As platform.toml describes it, with the profile's sizes."
  type = object({
    name                             = string
    engine_version                   = string
    instance                         = string
    storage_gib                      = number
    storage_max_gib                  = number
    multi_az                         = bool
    replicas                         = number
    backup_retention_days            = number
    statement_timeout_seconds        = number
    idle_transaction_timeout_seconds = number
  })
  validation {
    condition     = contains(["17", "18"], split(".", var.database.engine_version)[0])
    error_message = "engine_version must be PostgreSQL 17 or 18: older ones leave support, and AWS bills for that."
  }
  validation {
    condition     = var.database.storage_max_gib > var.database.storage_gib
    error_message = "storage_max_gib must be more than storage_gib, or the disk cannot grow."
  }
  validation {
    condition     = can(regex("^db\\.(t4g|m[678]g|r[678]g)\\.", var.database.instance))
    error_message = "instance must be one on Graviton with a current generation, such as db.t4g.small or db.m7g.large."
  }
}

variable "insights_days" {
  description = "How long query insights are kept: 7 is free, 465 is the advanced mode."
  type        = number
  default     = 7
}

variable "source_arn" {
  description = "In the standby region: the primary's ARN, of which this is a replica. null makes a primary."
  type        = string
  default     = null
}

variable "master_password" {
  type      = string
  sensitive = true
}

variable "protected" { type = bool }
variable "subnet_ids" { type = list(string) }
variable "group_id" { type = string }
variable "key_arn" { type = string }
variable "topic_arn" { type = string }
