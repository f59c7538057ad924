from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from directfanz.backends.clock.manual import ManualClock

if TYPE_CHECKING:
    from directfanz.settings import Settings
    from tests.support.accounts import Stage


@pytest.fixture(scope="module")
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    """One for all stories of a file: each uses people and pages of its own."""
    from tests.support.accounts import stage_set

    async with stage_set(settings, ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))) as stage:
        yield stage
