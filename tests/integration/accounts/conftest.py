from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from directfanz.backends.clock.manual import ManualClock

if TYPE_CHECKING:
    from directfanz.settings import Settings
    from tests.support.accounts import Stage


@pytest.fixture
async def stage(settings: Settings, clock: ManualClock) -> AsyncIterator[Stage]:
    from tests.support.accounts import stage_set

    async with stage_set(settings, clock) as stage:
        yield stage
