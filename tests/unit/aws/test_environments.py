"""An environment that makes no sense is refused before Terraform starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from directfanz.errors import ConfigurationError
from directfanz.operate.aws.environments import names, read_environment, read_profile
from directfanz.operate.aws.terraform import explained
from tests.architecture.house import ROOT

INFRA = ROOT / "infra"


@pytest.mark.parametrize("name", names(INFRA))
def test_the_real_ones_are_fine(name: str) -> None:
    assert read_profile(INFRA, read_environment(INFRA, name).profile).nat_gateways >= 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"cidr": "10.0.0.0/24"}, "private network from /16 to /20"),
        ({"cidr": "8.8.0.0/16"}, "private network"),
        ({"cidr": "10.0.0.1/16"}, "has host bits set"),
        ({"region": "moon-1"}, "no AWS region"),
        ({"zones": ["a"]}, "length >= 2"),
        ({"zones": ["a", "zz"]}, "zones"),
        ({"alert_emails": {"page": ["a@b.io"]}}, "needs somebody for warn"),
        ({"alert_emails": {"page": ["nobody"], "warn": ["a@b.io"]}}, "nobody is no mail address"),
        ({"alert_emails": {"page": [], "warn": ["a@b.io"]}}, "length >= 1"),
        ({"profile": "huge"}, "Invalid enum value"),
        ({"environment": "prod"}, "says it is prod"),
        ({"colour": "red"}, "unknown field `colour`"),
        ({"live_backend": "mediastore"}, "Invalid enum value"),
        ({"live_backend": "medialive"}, "takes streams from nowhere"),
        ({"vod_backend": "elastictranscoder"}, "Invalid enum value"),
        ({"standby_region": "us-east-1"}, "must be another AWS region"),
        ({"standby_region": "elsewhere"}, "must be another AWS region"),
        ({"given_secrets": ["paypal"]}, "there is no secret paypal"),
        ({"source_database": {"host": "x", "port": 0, "name": "y", "secret_arn": "z"}}, "int` >= 1"),
    ],
)
def test_nonsense_is_refused_with_its_reason(changed: dict[str, Any], reason: str, tmp_path: Path) -> None:
    (tmp_path / "envs").mkdir()
    told = json.loads((INFRA / "envs/dev.tfvars.json").read_text()) | changed
    (tmp_path / "envs/dev.tfvars.json").write_text(json.dumps(told))
    with pytest.raises(ConfigurationError, match=reason):
        read_environment(tmp_path, "dev")


def test_an_unknown_environment_is_told_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="There are: dev, dr, prod, staging"):
        read_environment(INFRA, "moon")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Error: Error acquiring the state lock\n  ID:        1234-abcd\n", "force-unlock 1234-abcd"),
        ("Error: No valid credential sources found", "Sign in first"),
        ("api error AccessDenied: not authorized", "your role lacks a permission"),
        ('Error: S3 bucket "x" does not exist.', "aws bootstrap"),
        ("Error: something odd", "it goes on where it stopped"),
    ],
)
def test_what_terraform_says_comes_with_what_to_do(said: str, advice: str) -> None:
    assert advice in explained("apply", said, Path("infra"))
