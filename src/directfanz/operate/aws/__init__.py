"""The platform on AWS: what Terraform is told, what it costs, how it is run. `infra/` holds the description itself."""
