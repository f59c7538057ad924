resource "aws_sns_topic" "this" {
  for_each          = var.alert_emails
  name              = "${var.name}-${each.key}"
  kms_master_key_id = var.key_arn
}

resource "aws_sns_topic_policy" "this" {
  for_each = var.alert_emails
  arn      = aws_sns_topic.this[each.key].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OurOwnServicesSpeak"
      Effect    = "Allow"
      Principal = { Service = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com", "backup.amazonaws.com", "ses.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.this[each.key].arn
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

# Each address gets a mail that has to be confirmed.
resource "aws_sns_topic_subscription" "this" {
  for_each  = merge([for severity, addresses in var.alert_emails : { for address in addresses : "${severity} ${address}" => { severity = severity, address = address } }]...)
  topic_arn = aws_sns_topic.this[each.value.severity].arn
  protocol  = "email"
  endpoint  = each.value.address
}
