variable "name" { type = string }
variable "region" { type = string }
variable "namespace" {
  description = "Where the collectors put the platform's own figures."
  type        = string
}
variable "platform_name" {
  type        = string
  description = "Name of the platform: a dimension that every figure has."
}
variable "key_arn" { type = string }
variable "account_id" { type = string }
variable "alert_emails" {
  description = "Who hears, by severity: page wakes someone, warn waits for the morning."
  type        = map(list(string))
  validation {
    condition     = length(setsubtract(["page", "warn"], keys(var.alert_emails))) == 0 && alltrue([for list in values(var.alert_emails) : length(list) > 0])
    error_message = "alert_emails needs at least one address for page and one for warn: an alarm that nobody hears is none."
  }
}
variable "metrics" {
  type = map(object({ kind = string, unit = string, about = string }))
}
variable "alarms" {
  description = "As platform.toml defines them; here they are CloudWatch's, on one machine the evaluator's."
  type = map(object({
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
}
variable "services" { type = set(string) }
variable "cluster_name" { type = string }
variable "balancer_suffix" { type = string }
variable "target_suffixes" { type = map(string) }
variable "database_id" { type = string }
variable "replica_ids" {
  description = "Databases that follow another one."
  type        = list(string)
  default     = []
}
variable "replica_lag_max" {
  description = "Seconds that they may be behind."
  type        = number
}
variable "cache_id" { type = string }
variable "cache_clustered" { type = bool }
variable "trace_ratio" { type = number }
variable "log_days" { type = number }
variable "by_service" { type = bool }
