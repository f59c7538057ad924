"""Two realtime processes over the same engines, and people with tickets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.kit.ids import new_token
from directfanz.processes.realtime.tickets import issue
from directfanz.settings import Settings
from tests.support.accounts import Browser, Someone, Stage, stage_set
from tests.support.running import Running, running


@pytest.fixture
def clock() -> ManualClock:
    """At the real time, which is what the processes go by."""
    return ManualClock(datetime.now(UTC))


@pytest.fixture
async def stage(settings: Settings, clock: ManualClock) -> AsyncIterator[Stage]:
    async with stage_set(settings, clock) as stage:
        yield stage


@pytest.fixture(scope="session")
async def one(settings: Settings) -> AsyncIterator[Running]:
    async with running("realtime", settings) as process:
        yield process


@pytest.fixture(scope="session")
async def other(settings: Settings) -> AsyncIterator[Running]:
    async with running("realtime", settings) as process:
        yield process


@dataclass
class Tickets:
    stage: Stage

    async def of(self, who: Someone) -> str:
        return await self.of_browser(who.browser)

    async def of_browser(self, browser: Browser) -> str:
        caller = await self.stage.caller(browser)
        assert caller.user_id is not None
        return issue(self.stage.backends.tokens, caller.user_id, UUID(caller.session_id), datetime.now(UTC))


@pytest.fixture
def tickets(stage: Stage) -> Tickets:
    return Tickets(stage)


@pytest.fixture
def room() -> str:
    """That no other test enters."""
    return f"page:{new_token(9)}"
