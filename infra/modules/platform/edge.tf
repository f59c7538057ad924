# What the world sees: the zone, certificates, the edge before the load balancer, and mail.

module "mail" {
  source    = "../mail"
  count     = local.main ? 1 : 0
  name      = local.name
  root      = local.root
  region    = var.region
  topic_arn = module.observability.topics["warn"]
}

module "dns" {
  source       = "../dns"
  name         = local.name
  root         = local.root
  zone_id      = var.zone_id
  mail_records = local.main ? merge(module.mail[0].records, { "bounce.${local.root}" = module.mail[0].records["bounce.${local.root}"] }) : {}
}

resource "aws_route53_record" "dkim" {
  count   = local.main ? 3 : 0 # SES always has three
  zone_id = module.dns.zone_id
  name    = "${module.mail[0].dkim_tokens[count.index]}._domainkey.${local.root}"
  type    = "CNAME"
  ttl     = 300
  records = ["${module.mail[0].dkim_tokens[count.index]}.dkim.amazonses.com"]
}

module "certificate" {
  source        = "../certificate"
  root          = local.root
  zone_id       = module.dns.zone_id
  write_records = local.main
}

# CloudFront takes certificates and walls from us-east-1 alone.
module "edge_certificate" {
  source        = "../certificate"
  count         = local.main ? 1 : 0
  root          = local.root
  zone_id       = module.dns.zone_id
  write_records = false
  providers     = { aws = aws.edge }
  depends_on    = [module.certificate]
}

module "waf" {
  source                          = "../waf"
  count                           = local.main ? 1 : 0
  name                            = local.name
  scope                           = "CLOUDFRONT"
  requests_per_second_per_address = var.platform.limits.requests_per_second_per_address
  blocked_countries               = var.blocked_countries
  log_days                        = var.platform.logs.retention_days
  providers                       = { aws = aws.edge }
}

module "cdn" {
  source                  = "../cdn"
  count                   = local.main ? 1 : 0
  name                    = local.name
  root                    = local.root
  aliases                 = concat([local.root], values(local.hosts))
  certificate_arn         = module.edge_certificate[0].arn
  web_acl_arn             = module.waf[0].arn
  origin_domain           = local.origin
  edge_token              = local.made.edge-token
  bucket_domains          = module.buckets.domains
  logs_bucket_domain      = module.buckets.domains["logs"]
  media_public_key        = var.media_public_key
  routes                  = var.platform.routes
  cache_policies          = var.platform.cache_policies
  request_timeout_seconds = var.platform.limits.request_timeout_seconds
  keepalive_seconds       = var.platform.keepalive_seconds
  blocked_countries       = var.blocked_countries
}

locals {
  origin = "origin.${local.root}"
  world  = local.main ? toset(concat([local.root], values(local.hosts))) : toset([])
}

resource "aws_route53_record" "world" {
  for_each = { for pair in setproduct(local.world, ["A", "AAAA"]) : "${pair[0]} ${pair[1]}" => { host = pair[0], type = pair[1] } }
  zone_id  = module.dns.zone_id
  name     = each.value.host
  type     = each.value.type
  alias {
    name                   = module.cdn[0].domain
    zone_id                = module.cdn[0].zone_id
    evaluate_target_health = false
  }
}

# The edge asks for its origin by a name that leads to the region that lives.
resource "aws_route53_record" "origin" {
  zone_id        = module.dns.zone_id
  name           = local.origin
  type           = "A"
  set_identifier = local.main ? "primary" : "standby"
  failover_routing_policy { type = local.main ? "PRIMARY" : "SECONDARY" }
  alias {
    name                   = module.balancer.dns_name
    zone_id                = module.balancer.zone_id
    evaluate_target_health = true
  }
}

# Watched from outside, each subdomain through the whole way; names of alarms are in us-east-1, where Route 53 keeps its figures.
resource "aws_route53_health_check" "world" {
  for_each          = local.main && var.protected ? merge({ web = local.root }, local.hosts) : {}
  fqdn              = each.value
  port              = 443
  type              = "HTTPS"
  resource_path     = each.key == "api" ? "/health" : lookup(var.platform.services, each.key, var.platform.services["web"]).health_path
  failure_threshold = 3
  request_interval  = 30
  tags              = { Name = "${local.name}-${each.key}" }
}
