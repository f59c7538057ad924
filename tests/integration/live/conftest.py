from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from directfanz.backends.clock.manual import ManualClock

if TYPE_CHECKING:
    from directfanz.settings import Settings
    from tests.support.accounts import Stage


@pytest.fixture(scope="module")
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    """With a key that signs the way to pictures."""
    from directfanz.local.media_key import public_media_keys
    from directfanz.local.state import State
    from tests.support.accounts import stage_set

    public_media_keys(State(Path(settings.state_dir)))
    async with stage_set(settings, ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))) as stage:
        yield stage
