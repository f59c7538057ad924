terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

locals {
  tags = { Platform = var.platform.name, Environment = "${var.platform.name}-${var.environment}", Profile = var.profile }
}

provider "aws" {
  region = var.region
  default_tags { tags = local.tags }
}

# CloudFront takes certificates and walls from here alone.
provider "aws" {
  alias  = "edge"
  region = "us-east-1"
  default_tags { tags = local.tags }
}
