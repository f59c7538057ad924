"""A year of joining, paying, failing, leaving, giving and taking back; at its end everybody agrees with everybody.

Each night the product's own reconciliation and invariants run, and a difference ends the test on the day on which it came up.
"""

from __future__ import annotations

import os

import pytest

from directfanz.backends.clock.manual import ManualClock
from tests.integration.lifecycle.agreement import disagreements
from tests.integration.lifecycle.year import ALL_WISHES, a_year
from tests.support.worlds import World

# Enough for everything to happen that can; `LIFECYCLE_FANS=2000` for those who have a machine for themselves.
FANS = int(os.environ.get("LIFECYCLE_FANS", "40"))
DAYS = int(os.environ.get("LIFECYCLE_DAYS", "366"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "7"))


@pytest.mark.timeout(3600)
async def test_a_year(fresh_world: World, clock: ManualClock) -> None:
    async with a_year(fresh_world.settings, clock, seed=SEED, pages=3, fans=FANS) as year:
        for day in range(DAYS):
            await year.day(joining=int(FANS * 2 / (40 + day)))
        await year.quiet_down()
        assert await disagreements(year) == []
        if DAYS > 300:
            missing = {kind for kind in ALL_WISHES if kind not in year.wishes.tally.done}
            assert not missing, year.wishes.tally
