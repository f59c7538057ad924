"""`python -m directfanz.local.steps.contents`: the buckets, and the demo people the first time."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from directfanz.backends.assembly import opened
from directfanz.local import demo
from directfanz.local.state import State
from directfanz.local.steps.report import reported
from directfanz.settings import Settings, load


async def fill(settings: Settings) -> None:
    seeded = State(Path(settings.state_dir)).run / "demo-people"  # once: who deletes Ben does not meet him again
    async with opened(settings, service="setup") as backends:
        await backends.storage.ensure_buckets()
        if not seeded.exists():
            await demo.seed(backends)
            seeded.touch()


def main() -> None:
    asyncio.run(fill(load(os.environ)))


if __name__ == "__main__":
    reported(main)
