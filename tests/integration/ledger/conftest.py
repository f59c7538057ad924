from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.backends.clock.manual import ManualClock
from tests.support.worlds import World


@pytest.fixture
async def fresh(fresh_world: World, clock: ManualClock) -> AsyncIterator[Backends]:
    async with opened(fresh_world.settings, service="test", clock=clock) as backends:
        yield backends
