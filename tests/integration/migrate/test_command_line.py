"""What an operator types, and what a script reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.exceptions import InvalidSignature

from directfanz.backends.clock.system import SystemClock
from directfanz.migrate import reporting
from directfanz.migrate.cli import group
from tests.support.two_homes import Homes, Moving


def _typed(moving: Moving, *words: str) -> Result:
    return CliRunner(env={"MIGRATE_SOURCE": moving.source.address, "MIGRATE_TARGET": moving.target.address}).invoke(
        group, words
    )


async def test_a_whole_move_from_the_keyboard(homes: Homes, tmp_path: Path) -> None:
    switch = tmp_path / "database-url"
    with homes.move(
        "CREATE TABLE a (id serial PRIMARY KEY, v text)",
        "INSERT INTO a (v) VALUES ('x')",
        "CREATE TABLE loose (v text)",
    ) as moving:
        assert _typed(moving, "status").exit_code == 2
        assert _typed(moving, "plan", "--dry-run").exit_code == 0
        assert _typed(moving, "status").exit_code == 2  # a dry run left nothing
        assert _typed(moving, "plan").exit_code == 0
        refused = _typed(moving, "preflight")
        assert refused.exit_code == 7
        assert "--accept keyless" in refused.output
        assert _typed(moving, "plan", "--accept", "keyless", "--lag-ms", "5000").exit_code == 0
        assert _typed(moving, "copy").exit_code == 2
        ran = _typed(moving, "--json", "run")
        assert ran.exit_code == 0, ran.output
        last = json.loads(ran.stdout.splitlines()[-1])
        assert (last["event"], last["result"]["rows"], last["result"]["phase"]) == ("result", 1, "following")
        moved = _typed(
            moving, "cutover", "--switch", f"file:{switch}", "--application-target", "postgresql://app@new/db"
        )
        assert moved.exit_code == 0, moved.output
        assert switch.read_text() == "postgresql://app@new/db"
        assert "cut_over" in _typed(moving, "status").output
        assert _typed(moving, "finish").exit_code == 2
        assert _typed(moving, "rollback", "--switch", f"file:{switch}").exit_code == 0
        assert switch.read_text() == moving.source.address
        moving.corrupt("UPDATE a SET v = 'rot'")
        assert _typed(moving, "verify").exit_code == 8
        assert _typed(moving, "verify", "--repair").exit_code == 0
        assert "way back: none" in _typed(moving, "runbook").output
        assert "NOT EQUAL" in _typed(moving, "report").output
        _require_signed(moving, tmp_path / "key.pem")


def _require_signed(moving: Moving, key: Path) -> None:
    with moving.target.session("test") as session:
        made = reporting.report(session, SystemClock())
    signed = reporting.signed(made, key)
    reporting.require_signature(signed)
    assert reporting.signed(made, key) == signed
    made.rows_per_table["forged"] = 1
    with pytest.raises(InvalidSignature):
        reporting.require_signature(signed)


async def test_a_password_is_not_typed_and_not_told(homes: Homes) -> None:
    with homes.move("CREATE TABLE a (id int PRIMARY KEY)") as moving:
        password = moving.source.words["password"]
        refused = CliRunner().invoke(group, ["--source", moving.source.address, "status"])
        assert refused.exit_code == 2
        assert "file://" in refused.output
        for words in (["plan"], ["--json", "run"], ["report"], ["runbook"], ["--json", "status"]):
            assert password not in _typed(moving, *words).output
        with moving.target.session("test") as session:
            assert password not in str(session.rows("SELECT * FROM dfz_migration.run"))


async def test_a_side_that_is_away_is_named(homes: Homes) -> None:
    with homes.move() as moving:
        away = CliRunner(
            env={"MIGRATE_SOURCE": "postgresql://postgres@127.0.0.1:1/x", "MIGRATE_TARGET": moving.target.address}
        )
        assert away.invoke(group, ["plan"]).exit_code == 4
