from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.settings import Settings
from tests.support.accounts import Stage, stage_set


@pytest.fixture
async def stage(settings: Settings, clock: ManualClock) -> AsyncIterator[Stage]:
    async with stage_set(settings, clock) as stage:
        yield stage
