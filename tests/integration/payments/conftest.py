from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from directfanz.backends.clock.manual import ManualClock
from tests.support.money import MoneyStage, money_stage
from tests.support.worlds import World


@pytest.fixture
async def stage(fresh_world: World, clock: ManualClock) -> AsyncIterator[MoneyStage]:
    async with money_stage(fresh_world.settings, clock) as stage:
        yield stage
