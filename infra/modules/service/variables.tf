variable "name" {
  type        = string
  description = "The environment's name."
}

variable "service" {
  type        = string
  description = "Which service, as platform.toml names it."
}

variable "sizes" {
  description = "As platform.toml describes it, with the profile's sizes."
  type = object({
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
    spot_percent               = number
  })
  validation {
    condition = anytrue([
      var.sizes.cpu_units == 256 && contains([512, 1024, 2048], var.sizes.memory_mib),
      contains([512, 1024, 2048, 4096], var.sizes.cpu_units) && var.sizes.memory_mib % 1024 == 0
      && var.sizes.memory_mib >= var.sizes.cpu_units * 2 && var.sizes.memory_mib <= (var.sizes.cpu_units == 512 ? 4096 : var.sizes.cpu_units * 8 - (var.sizes.cpu_units == 4096 ? 2048 : 0)),
      var.sizes.cpu_units == 8192 && var.sizes.memory_mib % 4096 == 0 && var.sizes.memory_mib >= 16384 && var.sizes.memory_mib <= 61440,
      var.sizes.cpu_units == 16384 && var.sizes.memory_mib % 8192 == 0 && var.sizes.memory_mib >= 32768 && var.sizes.memory_mib <= 122880,
    ])
    error_message = "Fargate has no task of that size. 256 units take 512, 1024 or 2048 MiB; 512 take 1 to 4 GiB; 1024 take 2 to 8; 2048 take 4 to 16; 4096 take 8 to 30."
  }
  validation {
    condition     = var.sizes.tasks_min <= var.sizes.tasks_max && var.sizes.tasks_min >= 1
    error_message = "tasks_min must be 1 or more, and not above tasks_max."
  }
  validation {
    condition     = var.sizes.spot_percent >= 0 && var.sizes.spot_percent <= 100
    error_message = "spot_percent is a share from 0 to 100."
  }
}

variable "steps" {
  description = "From so many points over the aim on, so many more tasks in percent. Terraform's own tests and the simulation read the same."
  type        = list(object({ over = number, add_percent = number }))
  default     = [{ over = 0, add_percent = 50 }]
}

variable "image" {
  type        = string
  description = "Image with its version; a floating name such as latest is refused."
  validation {
    condition     = can(regex(":[A-Za-z0-9._-]+$", var.image)) && !endswith(var.image, ":latest")
    error_message = "image must end with the version to run, such as :4f2a9c1, never with :latest."
  }
}

variable "environment" { type = map(string) }

variable "secrets" {
  description = "Secret ARN by setting."
  type        = map(string)
}

variable "collector" {
  description = "Image and configuration of the OpenTelemetry collector beside the process; null runs none."
  type        = object({ image = string, config = string })
  default     = null
}

variable "target_groups" {
  description = "Blue and green of the load balancer; null for a service that answers no requests."
  type        = map(object({ arn = string, name = string, suffix = string }))
  default     = null
}

variable "ingest_targets" {
  description = "Target groups of the balancer that cameras come through."
  type        = list(object({ arn = string, port = number, protocol = string }))
  default     = []
}

variable "deployment" {
  description = "blue_green: CodeDeploy shifts the traffic and takes it back on an alarm. rolling: ECS replaces task by task."
  type        = string
  validation {
    condition     = contains(["blue_green", "rolling"], var.deployment)
    error_message = "deployment must be blue_green or rolling."
  }
}

variable "listener_arn" {
  type    = string
  default = null
}

variable "deployment_role_arn" {
  type    = string
  default = null
}

variable "rollback_alarms" {
  description = "Alarms that take a deployment back."
  type        = list(string)
  default     = []
}

variable "registry_arn" {
  description = "Name inside the network, for those who look for this service."
  type        = string
  default     = null
}

variable "cluster_id" { type = string }
variable "cluster_name" { type = string }
variable "region" { type = string }
variable "subnet_ids" { type = list(string) }
variable "group_ids" { type = list(string) }
variable "execution_role_arn" { type = string }
variable "task_role_arn" { type = string }
variable "log_group" { type = string }

variable "architecture" {
  type    = string
  default = "ARM64"
}

variable "writable_paths" {
  description = "Folders that may be written; the rest of the image may not."
  type        = list(string)
  default     = ["/tmp"]
}
