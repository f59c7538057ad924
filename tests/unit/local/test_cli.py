"""The command line of a machine on which nothing runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from directfanz.cli import main
from directfanz.settings import reference
from tests.support.engines import REPOSITORY


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def run(state: Path, *words: str) -> Result:
    named = {"DIRECTFANZ_STATE_DIR": str(state), "DIRECTFANZ_PLATFORM_FILE": str(REPOSITORY / "platform.toml")}
    return CliRunner().invoke(main, list(words), env=named)


def test_status_of_nothing(state: Path) -> None:
    plain, as_json = run(state, "status"), run(state, "status", "--json")
    assert (plain.exit_code, as_json.exit_code) == (1, 1)
    assert "does not run here. `make up` starts it." in plain.output
    assert json.loads(as_json.output) == {"mood": "stopped", "parts": []}
    assert not state.exists()  # looking makes nothing


def test_down_and_reset_of_nothing_are_no_errors(state: Path) -> None:
    assert "does not run here" in run(state, "down").output
    assert "nothing in" in run(state, "reset").output


def test_reset_of_a_folder_that_is_not_ours_refuses(state: Path) -> None:
    state.mkdir()
    (state / "novel.txt").write_text("chapter one")
    refused = run(state, "reset")
    assert refused.exit_code == 1
    assert "left alone" in refused.output
    assert (state / "novel.txt").exists()


def test_an_unknown_log_names_those_there_are(state: Path) -> None:
    (state / "logs").mkdir(parents=True)
    (state / "logs" / "web.log").write_text("one\ntwo\nthree\n")
    assert "No log of wbe. There are: web." in run(state, "logs", "wbe").output
    assert run(state, "logs", "web", "-n", "2").output == "two\nthree\n"


def test_domains_bring_commands_along(state: Path) -> None:
    assert "accounts" in run(state, "--help").output
    assert "create-admin" in run(state, "accounts", "--help").output


def test_a_process_without_settings_says_which_is_missing(state: Path) -> None:
    refused = run(state, "run", "web")
    assert refused.exit_code == 1
    assert "DIRECTFANZ_SITE_URL is missing" in refused.output


def test_the_reference_is_printed(state: Path) -> None:
    assert run(state, "settings").output == reference()


def test_doctor_finds_the_engines(state: Path) -> None:
    found = run(state, "doctor")
    assert found.exit_code == 0, found.output
    assert all(
        name in found.output for name in ("PostgreSQL", "Valkey", "SeaweedFS", "nginx", "ffmpeg", "Disk", "Ports")
    )
