variable "name" { type = string }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "group_id" { type = string }
variable "certificate_arn" { type = string }
variable "logs_bucket" { type = string }
variable "protected" { type = bool }

variable "edge_token" {
  description = "What the edge says with each request, so that nobody else's distribution gets through."
  type        = string
  sensitive   = true
}

variable "services" {
  description = "Services that answer requests."
  type = map(object({
    port          = number
    health_path   = string
    drain_seconds = number
    sticky        = bool
  }))
}

variable "routes" {
  description = "Service by path; the longest path wins."
  type        = map(string)
}

variable "hosts" {
  description = "Service by host name, for all paths there."
  type        = map(string)
}

variable "hidden_paths" {
  description = "Ready paths and figures: for the load balancer, not for the world."
  type        = list(string)
}

variable "idle_seconds" { type = number }
