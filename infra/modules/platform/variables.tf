# `platform` and `pipeline` are written by `directfanz aws variables` from platform.toml and pipeline.toml; the rest says what an
# environment has of its own.

variable "platform" {
  description = "What platform.toml says."
  type = object({
    name    = string
    domains = object({ root = string, api = string, realtime = string, streaming = string })
    services = map(object({
      command                    = list(string)
      port                       = number
      cpu_units                  = number
      memory_mib                 = number
      tasks_min                  = number
      tasks_max                  = number
      health_path                = string
      drain_seconds              = number
      scale_on_cpu_percent       = number
      scale_on_memory_percent    = number
      scale_out_cooldown_seconds = number
      scale_in_cooldown_seconds  = number
      sticky                     = bool
      spot_percent               = number
    }))
    adapters = map(list(string))
    permissions = map(list(object({
      sid       = string
      actions   = list(string)
      resources = list(string)
    })))
    routes = map(object({
      service   = optional(string)
      bucket    = optional(string)
      cache     = string
      signed    = bool
      websocket = bool
    }))
    hidden_paths = list(string)
    cache_policies = map(object({
      ttl_seconds    = number
      max_seconds    = number
      shared         = bool
      vary_on_query  = bool
      compress       = bool
      client_seconds = optional(number)
    }))
    limits = object({
      requests_per_second_per_address = number
      request_timeout_seconds         = number
    })
    keepalive_seconds = number
    trace_ratio       = number
    database = object({
      name                             = string
      engine_version                   = string
      pool_max                         = number
      instance                         = string
      storage_gib                      = number
      storage_max_gib                  = number
      multi_az                         = bool
      replicas                         = number
      replica_lag_max_seconds          = number
      backup_retention_days            = number
      statement_timeout_seconds        = number
      idle_transaction_timeout_seconds = number
    })
    cache = object({
      engine_version          = string
      shards                  = number
      replicas_per_shard      = number
      node_type               = string
      scale_on_memory_percent = number
    })
    buckets = map(object({
      versioned  = bool
      replicated = bool
      public     = bool
      presigned  = bool
      lifecycle = list(object({
        after_days = number
        to         = string
        prefix     = string
        noncurrent = bool
      }))
    }))
    storage_classes         = map(string)
    unfinished_uploads_days = number
    logs                    = object({ retention_days = number })
    metrics                 = map(object({ kind = string, unit = string, about = string }))
    alarms = map(object({
      metric      = string
      where       = map(string)
      as_share_of = optional(string)
      percentile  = optional(number)
      above       = optional(number)
      below       = optional(number)
      for_seconds = number
      severity    = string
      about       = string
    }))
    scaling_steps         = list(object({ over = number, add_percent = number }))
    ingest                = optional(object({ rtmp_port = number, rtmps_port = optional(number), srt_port = optional(number) }))
    transcode_cpu_percent = number
    budgets               = object({ monthly_usd = map(number), warn_at_percent = list(number) })
  })
  validation {
    condition     = length(var.platform.name) <= 12
    error_message = "platform.name may have 12 characters: with environment and service it must fit the 32 of a load balancer."
  }
}

variable "pipeline" {
  description = "What pipeline.toml says."
  type = list(object({
    name        = string
    kind        = string
    commands    = list(string)
    minutes     = number
    large       = bool
    environment = optional(string)
    role        = string
  }))
}

variable "environment" {
  type = string
  validation {
    condition     = contains(["dev", "staging", "prod", "dr"], var.environment)
    error_message = "environment must be dev, staging, prod or dr."
  }
}

variable "region" {
  type = string
  validation {
    condition     = can(regex("^(us|eu|ap|ca|sa|af|me|il|mx)-[a-z]+-[0-9]$", var.region))
    error_message = "region must be an AWS region such as us-east-1."
  }
}

variable "account_id" {
  type = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id has twelve digits."
  }
}

variable "cidr" { type = string }

variable "zones" {
  description = "Letters of the availability zones."
  type        = list(string)
}

variable "sizing" {
  description = "A profile: what it takes otherwise than platform.toml. What it leaves out is as platform.toml says."
  type = object({
    nat_gateways        = number
    interface_endpoints = list(string)
    cache_mode          = string
    cache_node_type     = optional(string)
    serverless_gib_max  = number
    pgbouncer_tasks     = number
    insights            = string
    figures_by_service  = bool
    deployment          = string
    database = optional(object({
      instance    = optional(string)
      storage_gib = optional(number)
      multi_az    = optional(bool)
      replicas    = optional(number)
    }), {})
    services = optional(map(object({
      cpu_units    = optional(number)
      memory_mib   = optional(number)
      tasks_min    = optional(number)
      tasks_max    = optional(number)
      spot_percent = optional(number)
    })), {})
  })
}

variable "protected" {
  description = "Whether databases, load balancers and buckets refuse to be deleted."
  type        = bool
}

variable "alert_emails" {
  description = "By severity: page and warn."
  type        = map(list(string))
  validation {
    condition     = alltrue([for address in flatten(values(var.alert_emails)) : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "alert_emails must be mail addresses."
  }
}

variable "image_tag" {
  description = "Version that runs first; deployments change it afterwards."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,128}$", var.image_tag)) && var.image_tag != "latest"
    error_message = "image_tag is the version of an image, never latest."
  }
}

variable "collector_image" { type = string }

variable "media_public_key" {
  description = "PEM of the key whose private half signs media links."
  type        = string
}

variable "edge_prefix_list" {
  description = "Id of CloudFront's prefix list in this region."
  type        = string
}

variable "edge_networks" {
  description = "CloudFront's own networks: their X-Forwarded-For is believed."
  type        = list(string)
}

variable "live_backend" {
  type    = string
  default = "ffmpeg"
}

variable "vod_backend" {
  type    = string
  default = "ffmpeg"
}

variable "source_database" {
  description = "A PostgreSQL from which DMS moves rows; null makes none."
  type        = object({ host = string, port = number, name = string, secret_arn = string })
  default     = null
}

variable "promoted_by" {
  description = "Account whose pipeline deploys here; null lets none."
  type        = string
  default     = null
  validation {
    condition     = var.promoted_by == null || can(regex("^[0-9]{12}$", var.promoted_by))
    error_message = "promoted_by is an account: twelve digits."
  }
}

variable "promotes_from" {
  description = "Account that the pipeline deploys to first, and takes tested images from; null: they share one."
  type        = string
  default     = null
  validation {
    condition     = var.promotes_from == null || can(regex("^[0-9]{12}$", var.promotes_from))
    error_message = "promotes_from is an account: twelve digits."
  }
}

variable "standby_region" {
  description = "Region in which this environment could be taken over: its secrets are copied there."
  type        = string
  default     = null
}

variable "ingest_cidrs" {
  type    = list(string)
  default = []
}

variable "blocked_countries" {
  type    = list(string)
  default = []
}

variable "repository" {
  description = "owner/name on GitHub for the pipeline; null makes none."
  type        = string
  default     = null
}

variable "zone_id" {
  description = "A zone that is there already; null makes one."
  type        = string
  default     = null
}

variable "standby_of" {
  description = "In the region that stands by: the primary's database. null: this is the primary."
  type        = object({ database_arn = string })
  default     = null
}

variable "replica" {
  description = "Where the other region keeps its copies: prefix of its buckets, its key, its backup vault."
  type        = object({ prefix = string, key_arn = string, vault_arn = string })
  default     = null
}

variable "anomaly_usd" {
  type    = number
  default = 50
}

variable "given_secrets" {
  description = "Settings whose secrets a person has put, such as stripe_secret_key: tasks get them when they start."
  type        = set(string)
  default     = []
}

variable "inherited" {
  description = "In the region that stands by: what the primary made, from its copied secret. A promoted replica has the primary's passwords."
  type        = map(string)
  default     = null
  sensitive   = true
}
