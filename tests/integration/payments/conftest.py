from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from directfanz.backends.clock.manual import ManualClock

if TYPE_CHECKING:
    from tests.support.engines import Engines
    from tests.support.money import MoneyHouse, MoneyStage
    from tests.support.worlds import World


@pytest.fixture(scope="module")
async def house(engines: Engines, file_world: World) -> AsyncIterator[MoneyHouse]:
    from tests.support.money import money_house

    async with money_house(engines, file_world) as house:
        yield house


@pytest.fixture
async def stage(house: MoneyHouse, clock: ManualClock) -> AsyncIterator[MoneyStage]:
    """As empty as a new one, for each test."""
    async with house.stage(clock) as stage:
        yield stage
