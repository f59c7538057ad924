# For those who come from another PostgreSQL and want AWS's Database Migration Service. Our own `directfanz migrate` does it without,
# and checks what arrived row by row; this stands only while `source_database` is named, and goes when it is taken out.

variable "name" { type = string }
variable "subnet_ids" { type = list(string) }
variable "group_id" { type = string }
variable "key_arn" { type = string }
variable "region" { type = string }

variable "instance" {
  type    = string
  default = "dms.t3.medium"
  validation {
    condition     = can(regex("^dms\\.(t3|c[567]i?|r[567]i?)\\.", var.instance))
    error_message = "instance must be a DMS class such as dms.t3.medium."
  }
}

variable "source_database" {
  type        = object({ host = string, port = number, name = string, secret_arn = string })
  description = "Where rows come from. The secret holds username, password, host and port, as DMS reads them."
  validation {
    condition     = can(regex("^[a-z0-9.-]+$", var.source_database.host)) && var.source_database.port > 0 && var.source_database.port < 65536
    error_message = "source_database needs a host name and a port."
  }
}

variable "target_database" {
  type = object({ name = string, secret_arn = string })
}

resource "aws_iam_role" "secrets" {
  name = "${var.name}-dms-secrets"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "dms.${var.region}.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "secrets" {
  name = "read-the-two"
  role = aws_iam_role.secrets.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], Resource = [var.source_database.secret_arn, var.target_database.secret_arn] },
      { Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.key_arn] },
    ]
  })
}

resource "aws_dms_replication_subnet_group" "this" {
  replication_subnet_group_id          = var.name
  replication_subnet_group_description = "Where rows pass through"
  subnet_ids                           = var.subnet_ids
}

resource "aws_dms_replication_instance" "this" {
  replication_instance_id     = var.name
  replication_instance_class  = var.instance
  allocated_storage           = 50
  publicly_accessible         = false
  multi_az                    = false
  auto_minor_version_upgrade  = true
  kms_key_arn                 = var.key_arn
  vpc_security_group_ids      = [var.group_id]
  replication_subnet_group_id = aws_dms_replication_subnet_group.this.id
}

resource "aws_dms_endpoint" "this" {
  for_each                        = { source = var.source_database, target = var.target_database }
  endpoint_id                     = "${var.name}-${each.key}"
  endpoint_type                   = each.key
  engine_name                     = "postgres"
  database_name                   = each.value.name
  secrets_manager_arn             = each.value.secret_arn
  secrets_manager_access_role_arn = aws_iam_role.secrets.arn
  ssl_mode                        = "require"
  kms_key_arn                     = var.key_arn
}

resource "aws_dms_replication_task" "this" {
  replication_task_id      = var.name
  migration_type           = "full-load-and-cdc"
  replication_instance_arn = aws_dms_replication_instance.this.replication_instance_arn
  source_endpoint_arn      = aws_dms_endpoint.this["source"].endpoint_arn
  target_endpoint_arn      = aws_dms_endpoint.this["target"].endpoint_arn
  start_replication_task   = false # a person starts it, when both sides are looked at
  table_mappings = jsonencode({ rules = [{
    "rule-type"      = "selection", "rule-id" = "1", "rule-name" = "everything", "rule-action" = "include"
    "object-locator" = { "schema-name" = "public", "table-name" = "%" }
  }] })
  replication_task_settings = jsonencode({
    ValidationSettings = { EnableValidation = true }
    TargetMetadata     = { SupportLobs = true, FullLobMode = true }
    Logging            = { EnableLogging = true }
    FullLoadSettings   = { TargetTablePrepMode = "DO_NOTHING" }
  })
}

output "task_arn" { value = aws_dms_replication_task.this.replication_task_arn }
