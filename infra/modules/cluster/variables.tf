variable "name" { type = string }
variable "vpc_id" { type = string }
variable "insights" {
  description = "Container Insights: disabled, enabled or enhanced; the last is billed by metric."
  type        = string
  validation {
    condition     = contains(["disabled", "enabled", "enhanced"], var.insights)
    error_message = "insights must be disabled, enabled or enhanced."
  }
}
