"""The stages of a push, from infra/pipeline.toml: CodePipeline runs them on AWS, `run` on one machine."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from directfanz.errors import ConfigurationError

Outcome = Literal["done", "failed", "waiting", "not reached"]
StageName = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9-]{1,40}\Z")]


class Stage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: StageName
    kind: Literal["source", "run", "approval"]
    commands: tuple[str, ...] = ()
    minutes: Annotated[int, Meta(ge=5, le=480)] = 30
    large: bool = False
    environment: Literal["staging", "prod"] | None = None
    role: Literal["test", "image", "deploy"] = "test"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    stages: tuple[Stage, ...]


class Ran(msgspec.Struct, frozen=True):
    stage: str
    outcome: Outcome


def read_stages(path: Path) -> tuple[Stage, ...]:
    try:
        stages = msgspec.convert(tomllib.loads(path.read_text()), _File).stages
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from None
    problem = _problem(stages)
    if problem:
        raise ConfigurationError(f"{path.name}: {problem}")
    return stages


def _problem(stages: Sequence[Stage]) -> str | None:
    """What makes the order unsafe. The same is true of every pipeline that this accepts, whoever runs it."""
    names = [stage.name for stage in stages]
    if len(set(names)) != len(names):
        return "two stages have one name; each needs its own."
    if not stages or stages[0].kind != "source" or any(stage.kind == "source" for stage in stages[1:]):
        return "the first stage, and only it, brings the source."
    for stage in stages:
        if (stage.kind == "run") != bool(stage.commands):
            return f"{stage.name}: a stage of kind run has commands, the others have none."
        if (stage.environment is not None) != (stage.role == "deploy"):
            return f"{stage.name}: the role deploy and an environment belong together."
    return _order_problem(stages)


def _order_problem(stages: Sequence[Stage]) -> str | None:
    kinds = [stage.role if stage.kind == "run" else stage.kind for stage in stages]
    deploys = [index for index, kind in enumerate(kinds) if kind == "deploy"]
    tests = [index for index, kind in enumerate(kinds) if kind == "test"]
    images = [index for index, kind in enumerate(kinds) if kind == "image"]
    if deploys and (not tests or not images or max(*tests, *images, -1) > min(deploys)):
        return "every test and the image come before the first deployment."
    production = [index for index in deploys if stages[index].environment == "prod"]
    staging = [index for index in deploys if stages[index].environment == "staging"]
    for index in production:
        before = [other for other in staging if other < index]
        if not before:
            return f"{stages[index].name}: staging carries a version before production does."
        if "approval" not in kinds[max(before) : index]:
            return f"{stages[index].name}: between staging and production somebody has to approve."
    return None


def run(
    stages: Sequence[Stage],
    command: Callable[[Stage, str], bool],
    approve: Callable[[Stage], bool],
    told: Callable[[Ran], None],
) -> list[Ran]:
    """In order, until a command fails or nobody approves; what comes after is not reached."""
    results: list[Ran] = []
    open_so_far = True
    for stage in stages:
        outcome = _outcome(stage, command, approve) if open_so_far else "not reached"
        open_so_far = open_so_far and outcome == "done"
        results.append(Ran(stage.name, outcome))
        told(results[-1])
    return results


def _outcome(stage: Stage, command: Callable[[Stage, str], bool], approve: Callable[[Stage], bool]) -> Outcome:
    if stage.kind == "approval":
        return "done" if approve(stage) else "waiting"
    return "done" if all(command(stage, text) for text in stage.commands) else "failed"
