from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from directfanz.backends.assembly import opened
from directfanz.backends.clock.manual import ManualClock
from directfanz.settings import Settings
from tests.support.discovery import Town


@pytest.fixture(scope="module")
async def town(settings: Settings) -> AsyncIterator[Town]:
    """One for all stories of a file: each uses people, pages and words of its own."""
    clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    async with opened(settings, service="test", clock=clock) as backends:
        yield Town(backends, clock)
