"""`directfanz aws` on the terminal: sums in words and JSON, a stage that waits, and refusals."""

from __future__ import annotations

import json
import os

import pytest
from click.testing import CliRunner

from directfanz.cli import main
from directfanz.errors import ConfigurationError
from directfanz.operate.aws.terraform import open_terraform
from tests.architecture.house import ROOT


def _say(*arguments: str) -> tuple[int, str]:
    ended = CliRunner().invoke(main, ["aws", *arguments])
    return ended.exit_code, ended.output


def test_costs_are_told_for_every_environment() -> None:
    code, said = _say("costs", "--json")
    told = {one["environment"]: one for one in json.loads(said)}
    assert code == 0
    assert set(told) == {"dev", "staging", "prod", "dr"}
    assert told["prod"]["total_usd"] < 1270
    assert told["dev"]["load"] == []


def test_an_environment_is_explained_with_its_choices() -> None:
    code, said = _say("explain", "prod", "--members", "5000", "--stream-hours", "200")
    assert code == 0
    for word in (
        "NAT gateways",
        "medialive",
        "hybrid",
        "business",
        "Not verified",
        "Not counted",
        "1,000 members more",
    ):
        assert word in said


def test_an_unknown_environment_is_refused_by_name() -> None:
    code, said = _say("explain", "moon")
    assert code == 1
    assert "There is no environment moon. There are: dev, dr, prod, staging." in said


def test_destroying_wants_more_than_a_word() -> None:
    code, said = _say("destroy", "dev")
    assert code == 1
    assert "--yes-really" in said


def test_a_stage_that_is_none_is_refused() -> None:
    code, said = _say("pipeline", "--until", "moon")
    assert code == 1
    assert "There is no stage moon" in said


def test_the_pipeline_begins_with_the_source() -> None:
    assert _say("pipeline", "--until", "source") == (0, "source: done\n")


def test_without_terraform_it_says_what_to_install() -> None:
    with pytest.raises(ConfigurationError, match=r"Get 1\.11 or newer"):
        open_terraform(ROOT, {"PATH": os.devnull})
