from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from directfanz.backends.clock.manual import ManualClock

if TYPE_CHECKING:
    from directfanz.backends import Backends
    from tests.support.engines import Engines
    from tests.support.wiped import Wiped
    from tests.support.worlds import World


@pytest.fixture(scope="module")
async def emptied(engines: Engines, file_world: World) -> AsyncIterator[Wiped]:
    from tests.support.wiped import wiped

    async with wiped(engines, file_world) as again:
        yield again


@pytest.fixture
async def fresh_world(emptied: Wiped, file_world: World) -> World:
    """Emptied before each test, which takes a hundredth of what making a new one does."""
    await emptied.wipe()
    return file_world


@pytest.fixture
async def fresh(fresh_world: World, clock: ManualClock) -> AsyncIterator[Backends]:
    from directfanz.backends.assembly import opened

    async with opened(fresh_world.settings, service="test", clock=clock) as backends:
        yield backends
