"""Terraform is told what platform.toml says, and nothing else."""

from __future__ import annotations

import json
import re

import click
import msgspec

from directfanz.backends.permissions import PLACES
from directfanz.cli import main
from directfanz.operate.aws.permissions import ADAPTERS, OPENED
from directfanz.operate.aws.pipeline import read_stages
from directfanz.operate.aws.variables import FILE, LOCAL, text, variables
from directfanz.platform_toml import Platform
from directfanz.settings import Settings
from tests.architecture.house import ROOT

INFRA = ROOT / "infra"


def test_the_written_file_says_what_platform_toml_says(platform: Platform) -> None:
    assert (INFRA / FILE).read_text() == text(platform, INFRA), "run `directfanz aws variables --write`"


def test_one_figure_more_is_one_figure_more_there(platform: Platform) -> None:
    """A key that is added to platform.toml reaches Terraform, unless it is named as one machine's own."""
    told = variables(platform, read_stages(INFRA / "pipeline.toml"))["platform"]
    web = told["services"]["web"]
    assert set(web) == set(platform.services["web"].__struct_fields__) - LOCAL["services"]
    assert web["memory_mib"] == platform.services["web"].memory_mib
    assert set(told["database"]) - {"engine_version"} == set(platform.database.__struct_fields__) - LOCAL["database"]
    assert told["buckets"].keys() == platform.buckets.keys()
    assert told["alarms"].keys() == platform.alarms.keys()
    assert "/inbox" not in told["routes"]
    assert "/ready" in told["hidden_paths"]


def test_every_service_has_a_role_with_known_places(platform: Platform) -> None:
    assert set(OPENED) == set(platform.services)
    for statement in (statement for several in ADAPTERS.values() for statement in several):
        for resource in statement.resources:
            resource.format(**dict.fromkeys(PLACES, "x"))
        assert statement.actions == tuple(sorted(statement.actions))
    assert {name for several in OPENED.values() for name in several} == set(ADAPTERS)


def test_no_figure_is_written_twice(platform: Platform) -> None:
    """A profile says only what it takes otherwise than platform.toml."""
    database = {name: getattr(platform.database, name) for name in platform.database.__struct_fields__}
    for profile in sorted((INFRA / "profiles").glob("*.json")):
        sizing = json.loads(profile.read_text())["sizing"]
        same = {key for key, value in sizing.get("database", {}).items() if database[key] == value}
        assert not (same - {"multi_az"}), f"{profile.name} repeats {same}"


def test_tasks_are_given_settings_that_exist() -> None:
    """A name that the settings do not know would refuse to start, after an hour of waiting for a database."""
    told = "".join(file.read_text() for file in sorted((INFRA / "modules/platform").glob("*.tf")))
    names = set(re.findall(r"\bDIRECTFANZ_([A-Z_]+)\b", told))
    assert {"DATABASE_URL", "SECRET_KEY", "CACHE_NODES", "AWS_REGION", "STORAGE_PREFIX"} <= names
    known = {field.name.upper() for field in msgspec.structs.fields(Settings)}
    assert names - known == set()
    needed = {field.name.upper() for field in msgspec.structs.fields(Settings) if field.required}
    assert needed <= names


def test_tasks_are_given_commands_that_exist(platform: Platform) -> None:
    services = (INFRA / "modules/platform/services.tf").read_text()
    told = [json.loads(found) for found in re.findall(r'command += (\["directfanz".*?\])', services)]
    assert told
    for program, command, *_ in (*told, *(service.command for service in platform.services.values())):
        assert program == "directfanz"
        assert main.get_command(click.Context(main), command) is not None, command
