"""A year of joining, paying, failing, leaving, giving and taking back; at its end everybody agrees with everybody.

Each night the product's own reconciliation and invariants run, and a difference ends the test on the day on which it came up. The small
form lives with a hundred people, the drill with thousands of members; both in steps of some days, short enough for all to happen that can.
"""

from __future__ import annotations

import logging
import os

import pytest

from directfanz.backends.clock.manual import ManualClock
from tests.integration.lifecycle.agreement import disagreements
from tests.integration.lifecycle.year import ALL_WISHES, Year, a_year
from tests.support.worlds import World

FANS = int(os.environ.get("LIFECYCLE_FANS", "2000"))
DAYS = int(os.environ.get("LIFECYCLE_DAYS", "366"))
STEP = int(os.environ.get("LIFECYCLE_STEP", "3"))
SEED = int(os.environ.get("LIFECYCLE_SEED", "7"))
BUSY = float(os.environ.get("LIFECYCLE_BUSY", "1"))
log = logging.getLogger("lifecycle")


@pytest.mark.timeout(3600)
async def test_a_year(fresh_world: World, clock: ManualClock) -> None:
    """Eighty people, three days at a time."""
    async with a_year(fresh_world.settings, clock, seed=SEED, pages=3, fans=80) as year:
        for day in range(0, 366, 3):
            await year.days(3, joining=int(80 * 3 / (40 + day)), busy=0.2)
        await agrees(year)
        missing = {kind for kind in ALL_WISHES if kind not in year.wishes.tally.done}
        assert not missing, year.wishes.tally


@pytest.mark.drill
@pytest.mark.timeout(7200)
async def test_a_year_of_thousands(fresh_world: World, clock: ManualClock) -> None:
    """`LIFECYCLE_FANS`, `LIFECYCLE_DAYS`, `LIFECYCLE_STEP`, `LIFECYCLE_SEED` and `LIFECYCLE_BUSY` make it another one. People act at the
    same time, so two runs with one seed differ."""
    async with a_year(fresh_world.settings, clock, seed=SEED, pages=20, fans=FANS, at_once=4) as year:
        for day in range(0, DAYS, STEP):
            await year.days(STEP, joining=int(FANS * STEP / (40 + day)), busy=BUSY)
            log.warning("day %d: %d members, %d events so far", day + STEP, await year.members(), year.events)
        log.warning("%s", year.wishes.tally)
        await agrees(year)


async def agrees(year: Year) -> None:
    await year.quiet_down()
    assert await disagreements(year) == []
