# Types and checks are those of the module, which sees each value.

variable "platform" {
  description = "What platform.toml says."
  type        = any
}

variable "pipeline" {
  description = "What pipeline.toml says."
  type        = any
}

variable "environment" {
  type = string
}

variable "region" {
  type = string
}

variable "cidr" {
  type = string
}

variable "zones" {
  description = "Letters of the availability zones."
  type        = list(string)
}

variable "sizing" {
  description = "A profile: what it takes otherwise than platform.toml. What it leaves out is as platform.toml says."
  type        = any
}

variable "protected" {
  description = "Whether databases, load balancers and buckets refuse to be deleted."
  type        = bool
}

variable "alert_emails" {
  description = "By severity: page and warn."
  type        = map(list(string))
}

variable "image_tag" {
  description = "Version that runs first; deployments change it afterwards."
  type        = string
}

variable "collector_image" {
  description = "Of the OpenTelemetry collector beside each process; `directfanz aws` names it."
  type        = string
}

variable "live_backend" {
  type    = string
  default = "ffmpeg"
}

variable "ingest_cidrs" {
  type    = list(string)
  default = []
}

variable "blocked_countries" {
  type    = list(string)
  default = []
}

variable "repository" {
  description = "owner/name on GitHub for the pipeline; null makes none."
  type        = string
  default     = null
}

variable "zone_id" {
  description = "A zone that is there already; null makes one."
  type        = string
  default     = null
}

variable "standby_of" {
  description = "In the region that stands by: the primary's database. null: this is the primary."
  type        = any
  default     = null
}

variable "replica" {
  description = "Where the other region keeps its copies: prefix of its buckets, its key, its backup vault."
  type        = any
  default     = null
}

variable "given_secrets" {
  description = "Settings whose secrets a person has put, such as stripe_secret_key: tasks get them when they start."
  type        = set(string)
  default     = []
}

variable "media_public_key" {
  description = "PEM of the key whose private half signs media links; `directfanz aws` brings it along."
  type        = string
}

variable "profile" {
  description = "Name of the profile that sizing comes from; kept as a tag."
  type        = string
}

variable "vod_backend" {
  type    = string
  default = "ffmpeg"
}

variable "source_database" {
  description = "A PostgreSQL from which DMS moves rows; null makes none."
  type        = any
  default     = null
}

variable "account" {
  description = "The account that this environment lives in, for `directfanz aws`, which refuses another; null takes any."
  type        = string
  default     = null
}

variable "promoted_by" {
  description = "Account whose pipeline deploys here; null lets none."
  type        = string
  default     = null
}

variable "promotes_from" {
  description = "Account that this environment's pipeline deploys to first, and takes tested images from; null: they share one."
  type        = string
  default     = null
}

variable "standby_region" {
  description = "Region in which this environment could be taken over: its secrets are copied there."
  type        = string
  default     = null
}
