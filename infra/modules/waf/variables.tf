variable "name" { type = string }
variable "scope" {
  type = string
  validation {
    condition     = contains(["CLOUDFRONT", "REGIONAL"], var.scope)
    error_message = "scope must be CLOUDFRONT or REGIONAL."
  }
}
variable "requests_per_second_per_address" { type = number }
variable "blocked_countries" {
  type    = list(string)
  default = []
  validation {
    condition     = alltrue([for code in var.blocked_countries : can(regex("^[A-Z]{2}$", code))])
    error_message = "blocked_countries are two capital letters each, such as KP."
  }
}
variable "blocked_addresses" {
  type    = set(string)
  default = []
}
variable "sign_in_path" {
  type    = string
  default = "/api/v1/auth/"
}
variable "log_days" { type = number }
