output "dns_name" { value = aws_lb.this.dns_name }
output "zone_id" { value = aws_lb.this.zone_id }
output "arn" { value = aws_lb.this.arn }
output "arn_suffix" { value = aws_lb.this.arn_suffix }
output "listener_arn" { value = aws_lb_listener.https.arn }

output "target_groups" {
  # ECS takes a target group only once a rule leads to it.
  depends_on  = [aws_lb_listener_rule.host, aws_lb_listener_rule.path, aws_lb_listener_rule.rest]
  description = "By service: blue and green, each with its ARN, name and suffix."
  value = { for service in keys(var.services) : service => { for colour in ["blue", "green"] : colour => {
    arn    = aws_lb_target_group.this["${service}-${colour}"].arn
    name   = aws_lb_target_group.this["${service}-${colour}"].name
    suffix = aws_lb_target_group.this["${service}-${colour}"].arn_suffix
  } } }
}
