# A stack that is small enough to make and unmake in seconds, in the place of infra/stacks/platform: what `directfanz aws` does around
# Terraform is the same. It fails half-way until somebody mends it.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

variable "environment" { type = string }
variable "region" { type = string }

provider "aws" { region = var.region }

resource "aws_ssm_parameter" "first" {
  name  = "/small/${var.environment}/first"
  type  = "String"
  value = "as described"
}

resource "aws_ssm_parameter" "third" {
  count = fileexists("${path.module}/third") ? 1 : 0
  name  = "/small/${var.environment}/third"
  type  = "String"
  value = "may go"
}

resource "terraform_data" "second" {
  input = aws_ssm_parameter.first.name
  lifecycle {
    precondition {
      # Known only when the first is made, so that the apply stops half-way and not its plan.
      condition     = fileexists("${path.module}/mended") || aws_ssm_parameter.first.version < 0
      error_message = "Nobody has mended it yet."
    }
  }
}

output "platform" {
  value = {
    site         = "https://${var.environment}.example.com"
    name_servers = ["ns-1.example.com"]
    media_key_id = null
    first        = terraform_data.second.output
  }
}
