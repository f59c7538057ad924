# The edge. Each route of platform.toml is a behaviour, the longest path first; what is signed opens with our key alone.

locals {
  served    = { for path, route in var.routes : path => route if route.service != null || route.bucket != null }
  by_length = reverse(sort([for path in keys(local.served) : format("%04d%s", length(path), path) if path != "/"]))
  # "/ws" is a path and all beneath it: two patterns.
  patterns = flatten([for entry in local.by_length : endswith(entry, "/")
    ? [{ pattern = "${substr(entry, 4, -1)}*", path = substr(entry, 4, -1) }]
    : [{ pattern = substr(entry, 4, -1), path = substr(entry, 4, -1) }, { pattern = "${substr(entry, 4, -1)}/*", path = substr(entry, 4, -1) }]
  ])
  buckets = toset([for route in values(local.served) : route.bucket if route.bucket != null])
  kept    = { for name, policy in var.cache_policies : name => policy if policy.max_seconds > 0 }

  # Ids of policies that AWS keeps for everyone.
  never_cached   = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # CachingDisabled
  all_of_request = "216adef6-5c7f-47e4-b989-5492eafa07d3" # AllViewer
  reads          = ["GET", "HEAD"]
  everything     = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
}

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = var.name
  description                       = "The edge reads the buckets of ${var.name}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_public_key" "media" {
  name_prefix = "${var.name}-media-"
  comment     = "Signs media links"
  encoded_key = var.media_public_key
  lifecycle { create_before_destroy = true }
}

resource "aws_cloudfront_key_group" "media" {
  name  = "${var.name}-media"
  items = [aws_cloudfront_public_key.media.id]
}

resource "aws_cloudfront_cache_policy" "this" {
  for_each    = local.kept
  name        = "${var.name}-${each.key}"
  min_ttl     = 0
  default_ttl = each.value.ttl_seconds
  max_ttl     = each.value.max_seconds
  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = each.value.compress
    enable_accept_encoding_gzip   = each.value.compress
    # What is not shared differs by who asks: cookie and token are part of the key, so nobody gets another's answer.
    cookies_config { cookie_behavior = each.value.shared ? "none" : "all" }
    headers_config {
      header_behavior = each.value.shared ? "none" : "whitelist"
      dynamic "headers" {
        for_each = each.value.shared ? [] : [1]
        content { items = ["Authorization", "Host"] }
      }
    }
    # Of what is opened for one person, the signed address says under which name it is saved; S3 reads that itself.
    query_strings_config {
      query_string_behavior = each.value.vary_on_query ? "all" : each.value.client_seconds == null ? "none" : "whitelist"
      dynamic "query_strings" {
        for_each = each.value.vary_on_query || each.value.client_seconds == null ? [] : [1]
        content { items = ["response-content-disposition"] }
      }
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  name = var.name
  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      preload                    = true
      override                   = true
    }
    content_type_options { override = true }
  }
}

# What is opened for one person may not be kept by anybody between here and them.
resource "aws_cloudfront_response_headers_policy" "private" {
  for_each = { for name, policy in local.kept : name => policy if policy.client_seconds != null }
  name     = "${var.name}-${each.key}"
  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      preload                    = true
      override                   = true
    }
    content_type_options { override = true }
  }
  custom_headers_config {
    items {
      header   = "Cache-Control"
      value    = "private, max-age=${each.value.client_seconds}"
      override = true
    }
  }
}

# The bucket's keys do not begin with the route's path.
resource "aws_cloudfront_function" "key" {
  name    = "${var.name}-key"
  runtime = "cloudfront-js-2.0"
  comment = "The object that a path means"
  publish = true
  code    = templatefile("${path.module}/key.js.tftpl", { prefixes = jsonencode(sort([for path, route in local.served : path if route.bucket != null])) })
}

resource "aws_cloudfront_distribution" "this" {
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  comment         = var.name
  price_class     = var.price_class
  aliases         = var.aliases
  web_acl_id      = var.web_acl_arn

  origin {
    origin_id   = "services"
    domain_name = var.origin_domain
    custom_origin_config {
      http_port                = 80
      https_port               = 443
      origin_protocol_policy   = "https-only"
      origin_ssl_protocols     = ["TLSv1.2"]
      origin_read_timeout      = var.request_timeout_seconds
      origin_keepalive_timeout = min(var.keepalive_seconds, 60)
    }
    custom_header {
      name  = "X-Edge-Token"
      value = var.edge_token
    }
  }

  dynamic "origin" {
    for_each = local.buckets
    content {
      origin_id                = "bucket-${origin.value}"
      domain_name              = var.bucket_domains[origin.value]
      origin_access_control_id = aws_cloudfront_origin_access_control.this.id
    }
  }

  default_cache_behavior {
    target_origin_id           = "services"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = local.everything
    cached_methods             = local.reads
    compress                   = var.cache_policies[var.routes["/"].cache].compress
    cache_policy_id            = local.never_cached
    origin_request_policy_id   = local.all_of_request
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.patterns
    iterator = behaviour
    content {
      path_pattern               = behaviour.value.pattern
      target_origin_id           = local.served[behaviour.value.path].bucket == null ? "services" : "bucket-${local.served[behaviour.value.path].bucket}"
      viewer_protocol_policy     = "redirect-to-https"
      allowed_methods            = local.served[behaviour.value.path].bucket == null ? local.everything : local.reads
      cached_methods             = local.reads
      compress                   = var.cache_policies[local.served[behaviour.value.path].cache].compress
      cache_policy_id            = contains(keys(local.kept), local.served[behaviour.value.path].cache) ? aws_cloudfront_cache_policy.this[local.served[behaviour.value.path].cache].id : local.never_cached
      origin_request_policy_id   = local.served[behaviour.value.path].bucket == null ? local.all_of_request : null
      response_headers_policy_id = try(aws_cloudfront_response_headers_policy.private[local.served[behaviour.value.path].cache].id, aws_cloudfront_response_headers_policy.this.id)
      trusted_key_groups         = local.served[behaviour.value.path].signed ? [aws_cloudfront_key_group.media.id] : null
      dynamic "function_association" {
        for_each = local.served[behaviour.value.path].bucket == null ? [] : [1]
        content {
          event_type   = "viewer-request"
          function_arn = aws_cloudfront_function.key.arn
        }
      }
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.blocked_countries) > 0 ? "blacklist" : "none"
      locations        = var.blocked_countries
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }

  logging_config {
    bucket          = var.logs_bucket_domain
    prefix          = "edge/"
    include_cookies = false
  }
}
