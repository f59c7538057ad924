"""What the description says, tried out: generated requests that fit it, and others that do not, at every operation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from directfanz.backends.clock.manual import ManualClock
from directfanz.processes.web.app import create_app
from directfanz.processes.web.openapi import document
from directfanz.settings import Settings
from tests.integration.web.serving import served
from tests.support.accounts import Stage, stage_set
from tests.support.billing import till

# Of each kind, for each operation; many in the drill. The operations are shared out among parts, which workers take side by side.
EXAMPLES, MANY_EXAMPLES = 2, 12
PARTS = 3
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
# Whoever calls these is somebody else afterwards.
ENDS_THE_SESSION = {"signOut", "close", "changePassword", "confirmEmailChange"}
Headers = Callable[[], dict[str, str]]


@pytest.fixture
async def stage(settings: Settings, clock: ManualClock) -> AsyncIterator[Stage]:
    """With a till: that something is not there is an answer that no operation may give here."""
    with till(clock) as made:
        async with stage_set(settings, clock) as people:
            people.backends = replace(people.backends, billing=made.billing)
            yield people


def tried(operation: Any, mode: GenerationMode, base_url: str, callers: dict[str, Headers], examples: int) -> list[str]:
    """What went wrong with a few requests to one operation; the same ones in each run. Making one up costs more than asking it, so
    each is asked by all callers."""
    wrong: list[str] = []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        for who, headers in callers.items():
            response = case.call(base_url=base_url, headers=headers())
            try:
                case.validate_response(response, checks=CHECKS)
            except (Failure, FailureGroup) as failure:
                wrong.append(f"{operation.label} ({mode}, {who}): {failure}")

    ask()
    return wrong


@pytest.mark.timeout(280)
@pytest.mark.parametrize("part", range(PARTS))
async def test_no_generated_request_meets_an_error_of_ours(stage: Stage, part: int) -> None:
    await _all_fine(stage, part, EXAMPLES)


@pytest.mark.drill
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
async def test_many_generated_requests(stage: Stage, part: int) -> None:
    await _all_fine(stage, part, MANY_EXAMPLES)


async def _all_fine(stage: Stage, part: int, examples: int) -> None:
    loop, places = asyncio.get_running_loop(), count(1)
    olu = await stage.joined("olu", "admin")

    def stranger() -> dict[str, str]:
        """Each request from another place and with all allowances anew, so that no limit shields a route."""
        forgotten = stage.backends.cache.command("FLUSHDB", key="")
        asyncio.run_coroutine_threadsafe(forgotten, loop).result(10)
        place = next(places)
        return {"X-Forwarded-For": f"10.{place >> 16 & 255}.{place >> 8 & 255}.{place & 255}"}

    def administrator() -> dict[str, str]:
        return {"Cookie": f"df_session={olu.browser.session}", "Sec-Fetch-Site": "same-origin", **stranger()}

    def all_tried(base_url: str) -> list[str]:
        wrong: list[str] = []
        operations = list(schemathesis.openapi.from_dict(document()).get_all_operations())
        for result in operations[part::PARTS]:
            assert isinstance(result, Ok), result
            operation = result.ok()
            callers: dict[str, Headers] = {"stranger": stranger, "administrator": administrator}
            if operation.definition.raw["operationId"] in ENDS_THE_SESSION:
                del callers["administrator"]
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                wrong += tried(operation, mode, base_url, callers, examples)
        return wrong

    async with served(create_app(stage.backends)) as port:
        wrong = await asyncio.to_thread(all_tried, f"http://127.0.0.1:{port}")
    assert not wrong, "\n\n".join(wrong)
