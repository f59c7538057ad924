from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from directfanz.backends.clock.manual import ManualClock

if TYPE_CHECKING:
    from directfanz.settings import Settings
    from tests.support.memberships import Club


@pytest.fixture(scope="module")
async def club(settings: Settings) -> AsyncIterator[Club]:
    """One for all stories of a file: each uses people and pages of its own, and the clock goes on from one to the next."""
    from tests.support.memberships import club_set

    async with club_set(settings, ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))) as club:
        yield club
