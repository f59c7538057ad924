# One environment in one region. `directfanz aws plan dev` runs this with envs/dev and the profile that it names.

data "aws_caller_identity" "me" {}

# CloudFront's own networks, as AWS lists them for this region.
data "aws_ec2_managed_prefix_list" "edge" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

# What the primary made, as it was copied into this region.
data "aws_secretsmanager_secret_version" "inheritance" {
  count     = var.standby_of == null ? 0 : 1
  secret_id = "${var.platform.name}-prod/inheritance"
}

module "platform" {
  source            = "../../modules/platform"
  platform          = var.platform
  pipeline          = var.pipeline
  environment       = var.environment
  region            = var.region
  account_id        = data.aws_caller_identity.me.account_id
  cidr              = var.cidr
  zones             = var.zones
  sizing            = var.sizing
  protected         = var.protected
  alert_emails      = var.alert_emails
  image_tag         = var.image_tag
  collector_image   = var.collector_image
  media_public_key  = var.media_public_key
  edge_prefix_list  = data.aws_ec2_managed_prefix_list.edge.id
  edge_networks     = [for entry in data.aws_ec2_managed_prefix_list.edge.entries : entry.cidr]
  live_backend      = var.live_backend
  ingest_cidrs      = var.ingest_cidrs
  blocked_countries = var.blocked_countries
  repository        = var.repository
  zone_id           = var.zone_id
  standby_of        = var.standby_of
  replica           = var.replica
  given_secrets     = var.given_secrets
  vod_backend       = var.vod_backend
  source_database   = var.source_database
  standby_region    = var.standby_region
  promoted_by       = var.promoted_by
  promotes_from     = var.promotes_from
  inherited         = var.standby_of == null ? null : jsondecode(data.aws_secretsmanager_secret_version.inheritance[0].secret_string)
  providers         = { aws = aws, aws.edge = aws.edge }
}

output "platform" {
  description = "What a person or the command needs to know."
  value       = module.platform
}
