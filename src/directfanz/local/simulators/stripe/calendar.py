"""What is due by the calendar, done as time goes by."""

from __future__ import annotations

import asyncio
import logging

from directfanz.backends.clock.contract import Clock
from directfanz.local.simulators.stripe.simulator import Simulator

LOOKS_EVERY_SECONDS = 0.25
log = logging.getLogger("directfanz.local")


async def live(simulator: Simulator, clock: Clock) -> None:
    """A thing that fails is told and left behind; the others are still done."""
    while True:
        try:
            simulator.engine.run_due()
        except Exception:
            simulator.engine.rollback()
            log.exception("Something that was due failed.")
        simulator.engine.take_events()  # whoever listens has them in the outbox
        await asyncio.sleep(0)
        await clock.sleep(LOOKS_EVERY_SECONDS)
