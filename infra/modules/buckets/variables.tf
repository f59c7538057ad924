variable "prefix" {
  type        = string
  description = "Put before every bucket's name; the processes know it as DIRECTFANZ_STORAGE_PREFIX."
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}-$", var.prefix))
    error_message = "prefix must be lower-case letters, digits and -, and end with -."
  }
}

variable "buckets" {
  description = "As platform.toml describes them."
  type = map(object({
    versioned  = bool
    replicated = bool
    public     = bool
    presigned  = bool
    lifecycle = list(object({
      after_days = number
      to         = string
      prefix     = string
      noncurrent = bool
    }))
  }))
}

variable "storage_classes" {
  description = "What platform.toml's words mean on S3."
  type        = map(string)
}

variable "unfinished_uploads_days" { type = number }
variable "key_arn" { type = string }
variable "site_url" { type = string }
variable "account_id" { type = string }

variable "replica" {
  description = "Where replicated buckets are copied: the other region's prefix and key. null copies nothing."
  type        = object({ prefix = string, key_arn = string })
  default     = null
}

variable "removable" {
  description = "Whether destroying the environment may take the objects along."
  type        = bool
}

variable "edge_buckets" {
  description = "Buckets that the route table shows through the edge."
  type        = set(string)
}
