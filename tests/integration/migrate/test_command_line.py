"""What an operator types, and what a script reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.exceptions import InvalidSignature

from directfanz.backends.clock.system import SystemClock
from directfanz.migrate import reporting, verbs
from directfanz.migrate.cli import group
from directfanz.migrate.verify.verify import verify
from tests.support.two_homes import SWITCH, Homes, Moving


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


VERBS = [
    "plan",
    "preflight",
    "schema",
    "copy",
    "follow",
    "verify",
    "drill",
    "cutover",
    "rollback",
    "finish",
    "run",
    "status",
    "report",
    "runbook",
]
TELLING = ("status", "report", "runbook")  # what they say is in the target
ALSO = {"finish": ("--no-way-back",), "plan": ("--accept", "keyless")}
AWAY = "postgresql://postgres@127.0.0.1:1/x"


async def test_every_verb_understands_the_same_words(homes: Homes) -> None:
    """--json before and behind it, --dry-run that changes nothing, --resume or --restart but not both, and an exit code that names who."""
    with homes.move("CREATE TABLE a (id int PRIMARY KEY)") as moving:
        assert _typed(moving, "plan").exit_code == 0
        before = _typed(moving, "--json", "report").stdout
        for verb in VERBS:
            both = _typed(moving, verb, *ALSO.get(verb, ()), "--resume", "--restart")
            assert (both.exit_code, "not both" in both.output) == (2, True), (verb, both.output)
            for words in ((verb, "--dry-run", "--json"), ("--json", verb, "--dry-run", "--resume")):
                dry = _typed(moving, *words)
                assert dry.exit_code == 0, (words, dry.output)
                assert json.loads(dry.stdout.splitlines()[-1])["event"] == "result", words
        assert _without_time(_typed(moving, "--json", "report").stdout) == _without_time(before)
        for verb in VERBS:
            assert _away(moving, "MIGRATE_TARGET", verb) == 5, verb
            if verb not in TELLING:
                assert _away(moving, "MIGRATE_SOURCE", verb) == 4, verb


def _without_time(told: str) -> dict[str, object]:
    made: dict[str, object] = json.loads(told.splitlines()[-1])["result"]["report"]
    return {name: value for name, value in made.items() if name != "made_at"}


def _away(moving: Moving, name: str, verb: str) -> int:
    env = {"MIGRATE_SOURCE": moving.source.address, "MIGRATE_TARGET": moving.target.address, name: AWAY}
    return CliRunner(env=env).invoke(group, [verb, *ALSO.get(verb, ())]).exit_code


async def test_going_on_and_beginning_anew(homes: Homes) -> None:
    """Of the verbs for which `test_p35` does not: a stream, a cutover, a drill that somebody left in the middle."""
    with homes.move("CREATE TABLE a (id int PRIMARY KEY)", "INSERT INTO a VALUES (1)") as moving:
        moving.plan()
        assert "Planned already" in _typed(moving, "plan", "--resume").output
        with moving.work() as work:
            verbs.run_to_stream(work, "copied")
            work.store.begin("follow")
            moving.in_source("INSERT INTO a VALUES (2)")
            verbs.run_to_stream(work, restart=True)
            assert verify(work).equal
            work.store.begin("cutover")
            verbs.cutover(work, SWITCH, restart=True)
            assert work.store.standing().phase == "cut_over"
            work.store.remember(verbs.DRILL, [1.0, 2.0])
            pauses = verbs.drill(work, SWITCH, times=2, there_and_back=True, resume=True)
            assert (pauses[:2], len(pauses)) == ([1.0, 2.0], 4)
            assert work.store.standing().phase == "following"
            assert len(verbs.drill(work, SWITCH, times=1, restart=True)) == 1
            assert work.store.recall(verbs.DRILL) is None
        assert _typed(moving, "rollback", "--restart").exit_code == 2


async def test_a_side_that_is_away_is_named(homes: Homes) -> None:
    with homes.move() as moving:
        away = CliRunner(
            env={"MIGRATE_SOURCE": "postgresql://postgres@127.0.0.1:1/x", "MIGRATE_TARGET": moving.target.address}
        )
        assert away.invoke(group, ["plan"]).exit_code == 4
