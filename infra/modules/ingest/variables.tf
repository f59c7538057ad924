variable "name" { type = string }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "service_group_id" { type = string }
variable "certificate_arn" { type = string }
variable "zone_id" { type = string }
variable "host" {
  type        = string
  description = "The name that streamers write into their encoder."
}
variable "protected" { type = bool }
variable "drain_seconds" { type = number }
variable "health" {
  type        = object({ port = number, path = string })
  description = "Where the streaming service says that it is well: SRT itself cannot be asked."
}
variable "ports" {
  type        = object({ rtmp = number, rtmps = optional(number), srt = optional(number) })
  description = "What platform.toml says of ingest; null leaves a protocol out."
  validation {
    condition     = alltrue([for port in values(var.ports) : port == null ? true : port > 0 && port < 65536]) && length(distinct(compact([for port in values(var.ports) : port == null ? "" : tostring(port)]))) == length(compact([for port in values(var.ports) : port == null ? "" : tostring(port)]))
    error_message = "ports are numbers from 1 to 65535, each its own."
  }
}
