variable "name" { type = string }

variable "cache" {
  description = "As platform.toml describes it, with the profile's mode and sizes."
  type = object({
    mode                    = string
    engine_version          = string
    shards                  = number
    replicas_per_shard      = number
    node_type               = string
    scale_on_memory_percent = number
    serverless_gib_max      = number
  })
  validation {
    condition     = contains(["cluster", "serverless"], var.cache.mode)
    error_message = "mode must be cluster (nodes of our own) or serverless (paid by use)."
  }
  validation {
    condition     = contains(["8", "9"], split(".", var.cache.engine_version)[0])
    error_message = "engine_version must be Valkey 8 or 9, such as 9.0: what ElastiCache offers."
  }
}

variable "password" {
  description = "The user's password. ElastiCache has no write-only argument in this provider, so it stands in the encrypted state."
  type        = string
  sensitive   = true
}

variable "autoscaling" {
  description = "Whether shards are added when memory fills."
  type        = bool
}

variable "subnet_ids" { type = list(string) }
variable "group_id" { type = string }
variable "key_arn" { type = string }
variable "topic_arn" { type = string }
