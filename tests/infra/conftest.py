"""One plan for all tests of a run: it takes a minute, the workers of a run share it, and what was planned once is not planned again
until a file of the description, a case or Terraform itself is another."""

from __future__ import annotations

import fcntl
import json
import os
from hashlib import sha256
from inspect import getfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.support import infra_cases, terraform
from tests.support import planned as reading
from tests.support.engines import REPOSITORY
from tests.support.infra_cases import generated, real, stack_of
from tests.support.planned import Case, cases_of
from tests.support.terraform import INFRA, program_and_plugins

FULL = bool(os.environ.get("INFRA_FULL"))
# One environment is 350 resources. The quick run has staging as chance changes it; the whole run plans it as it is too, and more of both.
REAL = ("dev", "staging", "prod", "dr") if FULL else ("dev", "prod", "dr")
GENERATED = 8 if FULL else 1
KEPT = REPOSITORY / "build" / ("infra-plan-full" if FULL else "infra-plan")


@pytest.fixture(scope="session")
def planned() -> dict[str, Case]:
    """The environments as they are, and those that chance made."""
    program, plugins = program_and_plugins()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file = KEPT / f"{_described(Path(program), plugins)}.json"
        if not file.exists():
            for old in KEPT.glob("*.json"):
                old.unlink()
            file.write_text(json.dumps(_plan()))
        return cases_of(json.loads(file.read_text()))


def _plan() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        stack = stack_of(Path(folder, "infra"), {name: real(name) for name in REAL} | generated(GENERATED, seed=7))
        stack.init()
        return stack.planned()


def _described(program: Path, plugins: Path) -> str:
    """Of everything that a plan is made of."""
    told = sha256(f"{REAL} {GENERATED} {program.stat().st_size} {sorted(map(str, plugins.rglob('*')))}".encode())
    files = [Path(getfile(module)) for module in (infra_cases, reading, terraform)]
    files += sorted(path for path in INFRA.rglob("*") if path.is_file() and ".terraform" not in path.parts)
    for path in files:
        told.update(f"\n{path}\n".encode() + path.read_bytes())
    return told.hexdigest()[:24]
