variable "name" { type = string }
variable "key_arn" { type = string }
variable "repositories" {
  type    = set(string)
  default = ["app", "pgbouncer"]
}
variable "removable" { type = bool }
variable "kept_images" {
  type    = number
  default = 50
}
