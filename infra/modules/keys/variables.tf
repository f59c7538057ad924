variable "name" { type = string }
variable "region" { type = string }
variable "account_id" { type = string }
