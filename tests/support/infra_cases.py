"""Environments for one plan: the real four, and generated ones that stay inside what the modules accept."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tests.support.terraform import INFRA, Terraform, copied

ROOT = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "cases" { type = any }
variable "platform" { type = any }
variable "pipeline" { type = any }

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
}

module "case" {
  for_each         = var.cases
  source           = "../../modules/platform"
  platform         = var.platform
  pipeline         = var.pipeline
  environment      = each.value.environment
  region           = each.value.region
  account_id       = "123456789012"
  cidr             = each.value.cidr
  zones            = each.value.zones
  sizing           = each.value.sizing
  protected        = each.value.protected
  alert_emails     = each.value.alert_emails
  image_tag        = "abc1234"
  collector_image  = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.2"
  media_public_key = "-----BEGIN PUBLIC KEY-----\\nMFkw\\n-----END PUBLIC KEY-----\\n"
  edge_prefix_list = "pl-3b927c52"
  edge_networks    = ["130.176.0.0/17"]
  repository       = try(each.value.repository, null)
  live_backend     = try(each.value.live_backend, "ffmpeg")
  ingest_cidrs     = try(each.value.ingest_cidrs, [])
  blocked_countries = try(each.value.blocked_countries, [])
  zone_id          = try(each.value.zone_id, null)
  standby_of       = try(each.value.standby_of, null)
  replica          = try(each.value.replica, null)
  vod_backend      = try(each.value.vod_backend, "ffmpeg")
  source_database  = try(each.value.source_database, null)
  standby_region   = try(each.value.standby_region, null)
  inherited        = try(each.value.standby_of, null) == null ? null : { secret-key = "inherited" }
  providers        = { aws = aws, aws.edge = aws }
}
"""
STANDBY: dict[str, Any] = {
    "zone_id": "Z0123456789ABCDEFGHIJ",
    "standby_of": {"database_arn": "arn:aws:rds:us-east-1:123456789012:db:directfanz-prod"},
}
REPLICA: dict[str, Any] = {
    "prefix": "directfanz-dr-",
    "key_arn": "arn:aws:kms:us-west-2:123456789012:alias/directfanz-dr",
    "vault_arn": "arn:aws:backup:us-west-2:123456789012:backup-vault:directfanz-dr",
}
MOVING_IN: dict[str, Any] = {
    "host": "old.example.com",
    "port": 5432,
    "name": "old",
    "secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:old",
}
FARGATE = {256: (512, 1024, 2048), 512: (1024, 2048, 4096), 1024: (2048, 4096, 8192), 2048: (4096, 8192, 16384)}


def real(name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((INFRA / "envs" / f"{name}.tfvars.json").read_text())
    profile: dict[str, Any] = json.loads((INFRA / "profiles" / f"{case['profile']}.tfvars.json").read_text())
    of_the_other: dict[str, Any] = {"dr": STANDBY, "prod": {"replica": REPLICA}}.get(name, {})
    return case | profile | of_the_other


def generated(count: int, seed: int) -> dict[str, dict[str, Any]]:
    """The first is staging with everything beside it that AWS can do in our place; the others are as chance has them."""
    chance = random.Random(seed)
    made = {f"generated-{number}": _one(chance, *(("staging",) if number == 0 else ())) for number in range(count)}
    made["generated-0"] |= {"live_backend": "medialive", "vod_backend": "mediaconvert", "source_database": MOVING_IN}
    return made


def _one(chance: random.Random, *names: str) -> dict[str, Any]:
    case = real(chance.choice(names or ("dev", "staging", "prod")))
    zones = chance.choice((["a", "b"], ["a", "b", "c"], ["b", "d", "f"]))
    network = chance.choice(
        (f"10.{chance.randrange(256)}.0.0/{chance.randint(16, 20)}", "192.168.0.0/16", "172.20.0.0/18")
    )
    sizing: dict[str, Any] = dict(case["sizing"])
    sizing["nat_gateways"] = chance.randint(1, 3)
    sizing["pgbouncer_tasks"] = chance.randint(0, 3)
    sizing["cache_mode"] = chance.choice(("cluster", "serverless"))
    sizing["database"] = {"multi_az": True, "replicas": chance.randint(0, 2)}
    sizing["services"] = {name: _size(chance) for name in ("web", "realtime", "streaming", "worker")}
    return case | {
        "cidr": network,
        "zones": zones,
        "sizing": sizing,
        "region": chance.choice(("us-east-1", "eu-central-1", "ap-southeast-2")),
        "live_backend": chance.choice(("ffmpeg", "ivs", "medialive")),
        "ingest_cidrs": ["203.0.113.0/24"],
        "vod_backend": chance.choice(("ffmpeg", "mediaconvert")),
        "source_database": chance.choice((None, MOVING_IN)),
        "blocked_countries": chance.choice(([], ["KP", "IR"])),
    }


def _size(chance: random.Random) -> dict[str, int]:
    cpu = chance.choice(sorted(FARGATE))
    least = chance.randint(2, 5)
    return {
        "cpu_units": cpu,
        "memory_mib": chance.choice(FARGATE[cpu]),
        "tasks_min": least,
        "tasks_max": least + chance.randint(0, 20),
    }


def stack_of(target: Path, cases: dict[str, dict[str, Any]]) -> Terraform:
    terraform = copied(target, "cases")
    terraform.folder.mkdir()
    (terraform.folder / "main.tf").write_text(ROOT)
    known = json.loads((INFRA / "stacks/platform/platform.auto.tfvars.json").read_text())
    (terraform.folder / "cases.auto.tfvars.json").write_text(json.dumps(known | {"cases": cases}))
    return terraform
