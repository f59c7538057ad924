variable "name" { type = string }
variable "root" { type = string }
variable "aliases" { type = list(string) }
variable "certificate_arn" { type = string }
variable "web_acl_arn" { type = string }
variable "origin_domain" {
  description = "Name of the load balancer, under our certificate."
  type        = string
}
variable "edge_token" {
  type      = string
  sensitive = true
}
variable "bucket_domains" { type = map(string) }
variable "logs_bucket_domain" { type = string }

variable "media_public_key" {
  description = "PEM of the key that signs media links: ECDSA P-256. Its private half is a secret of the processes."
  type        = string
  validation {
    condition     = can(regex("^-----BEGIN PUBLIC KEY-----\n", var.media_public_key))
    error_message = "media_public_key must be a public key in PEM; `directfanz aws media-key` prints it."
  }
}

variable "routes" {
  description = "The route table of platform.toml."
  type = map(object({
    service   = optional(string)
    bucket    = optional(string)
    cache     = string
    signed    = bool
    websocket = bool
  }))
}

variable "cache_policies" {
  type = map(object({
    ttl_seconds    = number
    max_seconds    = number
    shared         = bool
    vary_on_query  = bool
    compress       = bool
    client_seconds = optional(number)
  }))
}

variable "request_timeout_seconds" { type = number }
variable "keepalive_seconds" { type = number }

variable "price_class" {
  type    = string
  default = "PriceClass_100"
}
variable "blocked_countries" {
  type    = list(string)
  default = []
}
