# PostgreSQL, the truth. The master founds the database once; processes use roles of their own.

locals {
  major = split(".", var.database.engine_version)[0]
  # db.t4g has no insights below medium.
  insights = !can(regex("^db\\.t4g\\.(micro|small)$", var.database.instance))
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-${local.major}-"
  family      = "postgres${local.major}"
  description = "${var.name} on PostgreSQL ${local.major}"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"                       = "1"
      "log_min_duration_statement"          = "500"
      "jit"                                 = "0" # what PgBouncer cannot pass on from each connection
      "statement_timeout"                   = tostring(var.database.statement_timeout_seconds * 1000)
      "idle_in_transaction_session_timeout" = tostring(var.database.idle_transaction_timeout_seconds * 1000)
    }
    content {
      name  = parameter.key
      value = parameter.value
    }
  }
  parameter {
    name         = "shared_preload_libraries"
    value        = "pg_stat_statements"
    apply_method = "pending-reboot"
  }
  lifecycle { create_before_destroy = true }
}

resource "aws_iam_role" "monitoring" {
  name = "${var.name}-database-monitoring"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "monitoring.rds.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_db_instance" "primary" {
  identifier             = var.name
  replicate_source_db    = var.source_arn
  engine                 = var.source_arn == null ? "postgres" : null
  engine_version         = var.source_arn == null ? var.database.engine_version : null
  db_name                = var.source_arn == null ? var.database.name : null
  username               = var.source_arn == null ? "directfanz_master" : null
  password_wo            = var.source_arn == null ? var.master_password : null # RDS's own keeping of it allows no replicas
  password_wo_version    = var.source_arn == null ? 1 : null
  instance_class         = var.database.instance
  allocated_storage      = var.source_arn == null ? var.database.storage_gib : null
  max_allocated_storage  = var.database.storage_max_gib
  storage_type           = "gp3"
  storage_encrypted      = true
  kms_key_id             = var.key_arn
  multi_az               = var.database.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.group_id]
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.this.name
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  # Point in time recovery comes with any retention.
  backup_retention_period   = var.database.backup_retention_days
  backup_window             = "03:00-04:00"
  maintenance_window        = "sun:05:00-sun:06:00"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.protected
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = var.protected ? "${var.name}-final" : null

  performance_insights_enabled          = local.insights
  performance_insights_kms_key_id       = local.insights ? var.key_arn : null
  performance_insights_retention_period = local.insights ? var.insights_days : null
  monitoring_interval                   = 30
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  auto_minor_version_upgrade            = true
  engine_lifecycle_support              = var.source_arn == null ? "open-source-rds-extended-support-disabled" : null
  tags                                  = { Name = var.name, Backup = "daily" }

  lifecycle {
    precondition {
      condition     = !var.protected || var.database.multi_az
      error_message = "A protected database stands in two zones: set multi_az."
    }
    precondition {
      condition     = length(var.subnet_ids) >= 2
      error_message = "RDS wants subnets in two zones at least."
    }
    precondition {
      condition     = !var.protected || var.database.backup_retention_days >= 30
      error_message = "Backups of a protected database are kept 30 days: raise backup_retention_days."
    }
  }
}

resource "aws_db_instance" "replica" {
  count                           = var.database.replicas
  identifier                      = "${var.name}-read-${count.index + 1}"
  replicate_source_db             = aws_db_instance.primary.identifier
  instance_class                  = var.database.instance
  storage_type                    = "gp3"
  storage_encrypted               = true
  max_allocated_storage           = var.database.storage_max_gib
  vpc_security_group_ids          = [var.group_id]
  publicly_accessible             = false
  parameter_group_name            = aws_db_parameter_group.this.name
  ca_cert_identifier              = "rds-ca-rsa2048-g1"
  performance_insights_enabled    = local.insights
  performance_insights_kms_key_id = local.insights ? var.key_arn : null
  monitoring_interval             = 30
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  copy_tags_to_snapshot           = true
  auto_minor_version_upgrade      = true
  skip_final_snapshot             = true
  deletion_protection             = false # it holds nothing of its own
  tags                            = { Name = "${var.name}-read-${count.index + 1}" }
}

resource "aws_db_event_subscription" "this" {
  name             = var.name
  sns_topic        = var.topic_arn
  source_type      = "db-instance"
  source_ids       = [aws_db_instance.primary.identifier]
  event_categories = ["failover", "failure", "low storage", "backup", "recovery"]
}
