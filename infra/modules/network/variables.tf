variable "name" {
  type        = string
  description = "Put before the names of what is made."
}

variable "region" { type = string }

variable "cidr" {
  type        = string
  description = "Addresses of the whole network. /16 to /20: nine subnets have to fit."
  validation {
    condition     = can(cidrsubnet(var.cidr, 4, 15)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 20, false)
    error_message = "cidr must be a network from /16 to /20, such as 10.20.0.0/16."
  }
  validation {
    condition     = can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.)", var.cidr))
    error_message = "cidr must be private: inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
  }
}

variable "zones" {
  type        = list(string)
  description = "Availability zones, two or three."
  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 3 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones must name two or three different availability zones: one of them may fail."
  }
}

variable "nat_gateways" {
  type        = number
  description = "One for each zone, or a single one that all share."
  validation {
    condition     = var.nat_gateways >= 1 && var.nat_gateways <= 3 && floor(var.nat_gateways) == var.nat_gateways
    error_message = "nat_gateways must be 1, 2 or 3: tasks call the payment provider through it."
  }
}

variable "interface_endpoints" {
  type        = set(string)
  description = "AWS services that are reached without the NAT gateway, such as ecr.api. S3 always is."
  default     = []
}

variable "flow_log_days" { type = number }
variable "key_arn" { type = string }

variable "ports" {
  type        = map(number)
  description = "Port of each service that the load balancer reaches."
}

variable "balancer_prefix_list" {
  type        = string
  description = "Managed prefix list of CloudFront's own addresses: nobody else reaches the load balancer."
}
