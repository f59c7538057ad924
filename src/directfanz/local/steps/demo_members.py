"""`python -m directfanz.local.steps.demo_members`: people who pay Ada. Nobody waits for it, so it takes its time."""

from __future__ import annotations

import asyncio
import os

from directfanz.backends.assembly import opened
from directfanz.local.demo_members import join
from directfanz.local.steps.report import reported
from directfanz.settings import Settings, load

NICE = 15


async def fill(settings: Settings) -> None:
    async with opened(settings, service="setup") as backends:
        await join(backends)


def main() -> None:
    os.nice(NICE)
    asyncio.run(fill(load(os.environ)))


if __name__ == "__main__":
    reported(main)
