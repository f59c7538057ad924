"""The stub says that it is one."""

from __future__ import annotations

import asyncio

from directfanz.settings import Settings
from tests.support.running import running


async def test_it_runs_reports_its_health_and_promises_nothing(settings: Settings) -> None:
    async with running("streaming", settings) as stub:
        assert (await stub.ask("/")).json() == {"status": "ingest is not built yet"}
        assert (await stub.ask("/ready")).json() == {"status": "ready", "database": "up", "cache": "up"}
        assert (await stub.ask("/live/stream.m3u8")).status_code == 404
        stub.tell_to_stop()
        async with asyncio.timeout(10):
            assert await stub.process.wait() == 0
