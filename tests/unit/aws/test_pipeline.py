"""A push: every stage in order, all suites before any deployment, and production waits for a person (P23-P26)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.errors import ConfigurationError
from directfanz.operate.aws.pipeline import Ran, Stage, read_stages, run
from directfanz.operate.aws.variables import FILE
from tests.architecture.house import ROOT

INFRA = ROOT / "infra"
STAGES = read_stages(INFRA / "pipeline.toml")
COMMANDS = [(stage.name, line) for stage in STAGES for line in stage.commands]
outcomes = st.fixed_dictionaries({command: st.sampled_from([True, True, True, False]) for command in COMMANDS})


def _run(works: dict[tuple[str, str], bool], approved: bool) -> tuple[list[Ran], list[str]]:
    begun: list[str] = []

    def command(stage: Stage, line: str) -> bool:
        begun.append(stage.name)
        return works[stage.name, line]

    return run(STAGES, command, lambda _: approved, lambda _: None), begun


@pytest.mark.property("P23")
@settings(max_examples=200)
@given(works=outcomes, approved=st.booleans())
def test_a_push_runs_stage_after_stage_until_one_fails(works: dict[tuple[str, str], bool], approved: bool) -> None:
    ran, begun = _run(works, approved)
    assert [one.stage for one in ran] == [stage.name for stage in STAGES]
    ended = [one.outcome for one in ran]
    stopped = next((index for index, outcome in enumerate(ended) if outcome != "done"), len(ended))
    assert set(ended[stopped + 1 :]) <= {"not reached"}
    assert set(begun) <= {one.stage for one in ran[: stopped + 1]}
    if all(works.values()) and approved:
        assert set(ended) == {"done"}


@pytest.mark.property("P24")
@settings(max_examples=200)
@given(works=outcomes, approved=st.booleans())
def test_nothing_is_deployed_before_every_suite_has_passed(works: dict[tuple[str, str], bool], approved: bool) -> None:
    _, begun = _run(works, approved)
    suites = {stage.name for stage in STAGES if stage.kind == "run" and stage.role == "test"}
    deployed = {stage.name for stage in STAGES if stage.role == "deploy"} & set(begun)
    if deployed:
        assert all(works[command] for command in COMMANDS if command[0] in suites | {"image"})


@pytest.mark.property("P26")
@settings(max_examples=200)
@given(works=outcomes)
def test_production_waits_for_approval(works: dict[tuple[str, str], bool]) -> None:
    ran, begun = _run(works, approved=False)
    assert "production" not in begun
    if all(works.values()):
        assert {one.stage: one.outcome for one in ran}["approval"] == "waiting"


@pytest.mark.property("P25")
def test_the_image_is_made_once_before_it_is_deployed() -> None:
    roles = [stage.role for stage in STAGES]
    assert roles.count("image") == 1
    assert roles.index("image") < roles.index("deploy")


def test_codepipeline_is_told_the_same_stages() -> None:
    told = json.loads((INFRA / FILE).read_text())["pipeline"]
    assert [(stage["name"], stage["kind"], tuple(stage["commands"])) for stage in told] == [
        (stage.name, stage.kind, stage.commands) for stage in STAGES
    ]


BEGIN = '[[stages]]\nname = "source"\nkind = "source"\n'
TEST = '[[stages]]\nname = "tests"\nkind = "run"\ncommands = ["make test"]\n'
IMAGE = '[[stages]]\nname = "image"\nkind = "run"\nrole = "image"\ncommands = ["make image"]\n'
APPROVE = '[[stages]]\nname = "approval"\nkind = "approval"\n'


def _deploy(name: str, environment: str) -> str:
    return (
        f'[[stages]]\nname = "{name}"\nkind = "run"\nrole = "deploy"\nenvironment = "{environment}"\ncommands = ["x"]\n'
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TEST, "the first stage, and only it, brings the source"),
        (BEGIN + TEST + TEST, "two stages have one name"),
        (BEGIN + _deploy("staging", "staging") + TEST + IMAGE, "before the first deployment"),
        (BEGIN + TEST + _deploy("staging", "staging"), "before the first deployment"),
        (BEGIN + TEST + IMAGE + APPROVE + _deploy("production", "prod"), "staging carries a version before"),
        (
            BEGIN + TEST + IMAGE + APPROVE + _deploy("staging", "staging") + _deploy("production", "prod"),
            "somebody has to approve",
        ),
        (BEGIN + '[[stages]]\nname = "idle"\nkind = "run"\n', "has commands"),
        (BEGIN + "[[stages]]\nname = 7\n", "Expected `str`"),
        ("stages = 1 2", "pipeline.toml"),
    ],
)
def test_an_unsafe_order_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "pipeline.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=reason):
        read_stages(file)
