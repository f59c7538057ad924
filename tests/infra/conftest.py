"""One plan for all tests of a run: it takes half a minute, and the workers of a run share it."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.infra_cases import generated, real, stack_of
from tests.support.planned import Case, cases_of
from tests.support.terraform import program_and_plugins

REAL = ("dev", "staging", "prod", "dr")
# One environment is 350 resources; the whole run plans more of them than the quick one.
GENERATED = 12 if os.environ.get("INFRA_FULL") else 1


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """The four environments as they are, and those that chance made."""
    program_and_plugins()
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if shared.name.startswith("popen-") else shared
    with (shared / "infra-plan.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return cases_of(_plan(shared))


def _plan(shared: Path) -> dict[str, Any]:
    file = shared / "infra-plan.json"
    if not file.exists():
        terraform = stack_of(shared / "infra", {name: real(name) for name in REAL} | generated(GENERATED, seed=7))
        terraform.init()
        file.write_text(json.dumps(terraform.planned()))
    found: dict[str, Any] = json.loads(file.read_text())
    return found
