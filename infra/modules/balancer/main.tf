# One load balancer, TLS ended there, a pair of target groups for each service: blue serves while green is tried.

locals {
  colours = { for pair in setproduct(keys(var.services), ["blue", "green"]) : "${pair[0]}-${pair[1]}" => {
    service = pair[0]
    colour  = pair[1]
  } }
  by_length = reverse(sort([for path in keys(var.routes) : format("%04d%s", length(path), path)]))
  paths     = [for entry in local.by_length : substr(entry, 4, -1) if substr(entry, 4, -1) != "/"]
}

resource "aws_lb" "this" {
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.subnet_ids
  security_groups            = [var.group_id]
  enable_deletion_protection = var.protected
  drop_invalid_header_fields = true
  idle_timeout               = var.idle_seconds
  access_logs {
    bucket  = var.logs_bucket
    prefix  = "balancer"
    enabled = true
  }
}

resource "aws_lb_target_group" "this" {
  for_each                      = local.colours
  name                          = "${var.name}-${each.value.service}-${substr(each.value.colour, 0, 1)}"
  port                          = var.services[each.value.service].port
  protocol                      = "HTTP"
  target_type                   = "ip"
  vpc_id                        = var.vpc_id
  deregistration_delay          = var.services[each.value.service].drain_seconds
  load_balancing_algorithm_type = var.services[each.value.service].sticky ? "round_robin" : "least_outstanding_requests"
  health_check {
    path                = var.services[each.value.service].health_path
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 86400
    enabled         = var.services[each.value.service].sticky
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "Come through the front door."
      status_code  = "403"
    }
  }
}

resource "aws_lb_listener_rule" "hidden" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 1
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "Not found."
      status_code  = "404"
    }
  }
  condition {
    path_pattern { values = var.hidden_paths }
  }
}

resource "aws_lb_listener_rule" "host" {
  for_each     = { for index, host in sort(keys(var.hosts)) : host => index }
  listener_arn = aws_lb_listener.https.arn
  priority     = 10 + each.value
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["${var.hosts[each.key]}-blue"].arn
  }
  condition {
    host_header { values = [each.key] }
  }
  condition {
    http_header {
      http_header_name = "X-Edge-Token"
      values           = [var.edge_token]
    }
  }
  lifecycle { ignore_changes = [action] } # a deployment turns it from blue to green
}

resource "aws_lb_listener_rule" "path" {
  for_each     = { for index, path in local.paths : path => index }
  listener_arn = aws_lb_listener.https.arn
  priority     = 100 + each.value
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["${var.routes[each.key]}-blue"].arn
  }
  condition {
    path_pattern { values = endswith(each.key, "/") ? ["${each.key}*"] : [each.key, "${each.key}/*"] }
  }
  condition {
    http_header {
      http_header_name = "X-Edge-Token"
      values           = [var.edge_token]
    }
  }
  lifecycle { ignore_changes = [action] }
}

resource "aws_lb_listener_rule" "rest" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 1000
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["${var.routes["/"]}-blue"].arn
  }
  condition {
    http_header {
      http_header_name = "X-Edge-Token"
      values           = [var.edge_token]
    }
  }
  lifecycle { ignore_changes = [action] }
}
