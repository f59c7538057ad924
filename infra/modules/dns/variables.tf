variable "name" { type = string }
variable "root" {
  type        = string
  description = "The domain."
  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$", var.root)) && length(var.root) <= 253
    error_message = "root must be a lower-case domain such as directfanz.io."
  }
}
variable "zone_id" {
  description = "A zone that is there already; null makes one."
  type        = string
  default     = null
}
variable "mail_records" {
  description = "What the mail service wants in the zone: value and type by name."
  type        = map(object({ type = string, records = list(string) }))
  default     = {}
}
