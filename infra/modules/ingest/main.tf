# Cameras come past the edge, which carries neither RTMP nor SRT: a network load balancer hands their streams to the streaming
# service as they are. RTMPS ends its TLS here, so one port of the service serves both.

locals {
  streams = merge(
    { rtmp = { port = var.ports.rtmp, to = var.ports.rtmp, protocol = "TCP", target = "rtmp" } },
    var.ports.rtmps == null ? {} : { rtmps = { port = var.ports.rtmps, to = var.ports.rtmp, protocol = "TLS", target = "rtmp" } },
    var.ports.srt == null ? {} : { srt = { port = var.ports.srt, to = var.ports.srt, protocol = "UDP", target = "srt" } },
  )
  targets = merge(
    { rtmp = { port = var.ports.rtmp, protocol = "TCP" } },
    var.ports.srt == null ? {} : { srt = { port = var.ports.srt, protocol = "UDP" } },
  )
}

resource "aws_security_group" "this" {
  name        = "${var.name}-ingest"
  description = "Cameras"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-ingest" }
}

# The one door that is open to the world by address: streamers are anywhere, and their key is what lets them in.
resource "aws_vpc_security_group_ingress_rule" "camera" {
  for_each          = local.streams
  security_group_id = aws_security_group.this.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = each.value.protocol == "UDP" ? "udp" : "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  description       = "${each.key} from cameras"
}

resource "aws_vpc_security_group_egress_rule" "service" {
  for_each                     = local.targets
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = var.service_group_id
  ip_protocol                  = lower(each.value.protocol)
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "${each.key} to the streaming service"
}

resource "aws_vpc_security_group_egress_rule" "health" {
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = var.service_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.health.port
  to_port                      = var.health.port
  description                  = "health of the streaming service"
}

resource "aws_vpc_security_group_ingress_rule" "service" {
  for_each                     = merge({ for name, target in local.targets : name => { port = target.port, protocol = lower(target.protocol) } }, { health = { port = var.health.port, protocol = "tcp" } })
  security_group_id            = var.service_group_id
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "${each.key} from the ingest balancer"
}

resource "aws_lb" "this" {
  name                             = "${var.name}-in"
  load_balancer_type               = "network"
  internal                         = false
  subnets                          = var.subnet_ids
  security_groups                  = [aws_security_group.this.id]
  enable_deletion_protection       = var.protected
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "this" {
  for_each               = local.targets
  name                   = "${var.name}-${each.key}"
  port                   = each.value.port
  protocol               = each.value.protocol
  target_type            = "ip"
  vpc_id                 = var.vpc_id
  deregistration_delay   = var.drain_seconds
  connection_termination = true # a camera connects again, to a task that stays
  health_check {
    protocol            = "HTTP"
    port                = tostring(var.health.port)
    path                = var.health.path
    interval            = 10
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "this" {
  for_each          = local.streams
  load_balancer_arn = aws_lb.this.arn
  port              = each.value.port
  protocol          = each.value.protocol
  ssl_policy        = each.value.protocol == "TLS" ? "ELBSecurityPolicy-TLS13-1-2-2021-06" : null
  certificate_arn   = each.value.protocol == "TLS" ? var.certificate_arn : null
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.value.target].arn
  }
}

resource "aws_route53_record" "this" {
  zone_id = var.zone_id
  name    = var.host
  type    = "A"
  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }
}

output "address" { value = "rtmp${var.ports.rtmps == null ? "" : "s"}://${var.host}:${coalesce(var.ports.rtmps, var.ports.rtmp)}/live" }
output "target_groups" {
  # ECS takes a target group only once a listener leads to it.
  depends_on = [aws_lb_listener.this]
  value      = [for name, group in aws_lb_target_group.this : { arn = group.arn, port = group.port, protocol = lower(local.targets[name].protocol) }]
}
