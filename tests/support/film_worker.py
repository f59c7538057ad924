"""`python -m tests.support.film_worker ASSET_ID`: a worker with one file, to be killed. Its settings are in the environment."""

from __future__ import annotations

import asyncio
import os
import sys
from uuid import UUID

from directfanz.backends.assembly import opened
from directfanz.domains.media.processing.working import process
from directfanz.settings import load
from tests.support.processing import small


async def main() -> None:
    async with opened(load(os.environ), service="worker") as backends:
        await process(small(backends, slice_seconds=2, threads=1, lease_seconds=30), UUID(sys.argv[1]))


asyncio.run(main())
