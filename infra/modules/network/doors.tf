# Who may talk to whom: security groups name each other, never addresses, but for the edge and the way out.

locals {
  groups = {
    balancer  = "The load balancer"
    service   = "Our processes"
    pgbouncer = "The connection pool before the database"
    database  = "PostgreSQL"
    cache     = "Valkey"
    endpoints = "AWS services inside the network"
  }
  # from, to, port
  doors = merge(
    { for name, port in var.ports : "balancer-service-${name}" => { from = "balancer", to = "service", port = port } },
    {
      service-pgbouncer  = { from = "service", to = "pgbouncer", port = 6432 }
      service-database   = { from = "service", to = "database", port = 5432 } # LISTEN and migrations cannot go through a pool
      pgbouncer-database = { from = "pgbouncer", to = "database", port = 5432 }
      service-cache      = { from = "service", to = "cache", port = 6379 }
      service-endpoints  = { from = "service", to = "endpoints", port = 443 }
      pool-endpoints     = { from = "pgbouncer", to = "endpoints", port = 443 }
    },
  )
}

resource "aws_security_group" "this" {
  for_each    = local.groups
  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "door" {
  for_each                     = local.doors
  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "from ${each.value.from}"
}

resource "aws_vpc_security_group_egress_rule" "door" {
  for_each                     = local.doors
  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "to ${each.value.to}"
}

resource "aws_vpc_security_group_ingress_rule" "edge" {
  security_group_id = aws_security_group.this["balancer"].id
  prefix_list_id    = var.balancer_prefix_list
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "from CloudFront"
}

# The payment provider, the mail of others, ECR: names behind changing addresses.
resource "aws_vpc_security_group_egress_rule" "out" {
  for_each          = toset(["service", "pgbouncer"])
  security_group_id = aws_security_group.this[each.key].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "HTTPS to the world"
}

# A second wall around the stores: only from the private tier, only their ports.
resource "aws_network_acl" "data" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for key in local.of_tier.data : aws_subnet.this[key].id]
  tags       = { Name = "${var.name}-data" }
}

locals {
  tasks = { for index, key in sort(local.of_tier.private) : key => { cidr = local.subnets[key].cidr, index = index } }
  stores = { for pair in setproduct(keys(local.tasks), [5432, 6379]) : "${pair[0]}-${pair[1]}" => {
    cidr = local.tasks[pair[0]].cidr, port = pair[1], number = 100 + local.tasks[pair[0]].index * 10 + (pair[1] == 5432 ? 0 : 1)
  } }
  siblings = { for index, key in sort(local.of_tier.data) : key => { cidr = local.subnets[key].cidr, number = 200 + index } }
}

resource "aws_network_acl_rule" "store_in" {
  for_each       = local.stores
  network_acl_id = aws_network_acl.data.id
  rule_number    = each.value.number
  egress         = false
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = each.value.cidr
  from_port      = each.value.port
  to_port        = each.value.port
}

resource "aws_network_acl_rule" "answer_out" {
  for_each       = local.tasks
  network_acl_id = aws_network_acl.data.id
  rule_number    = 100 + each.value.index
  egress         = true
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = each.value.cidr
  from_port      = 1024
  to_port        = 65535
}

# Standbys and replicas keep up with each other.
resource "aws_network_acl_rule" "sibling" {
  for_each       = merge([for key, value in local.siblings : { "${key}-in" = merge(value, { out = false }), "${key}-out" = merge(value, { out = true }) }]...)
  network_acl_id = aws_network_acl.data.id
  rule_number    = each.value.number
  egress         = each.value.out
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = each.value.cidr
  from_port      = 1024
  to_port        = 65535
}
