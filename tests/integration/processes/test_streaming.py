"""The process as it is started: healthy, listening for encoders, and away when told."""

from __future__ import annotations

import asyncio

import msgspec

from directfanz.settings import Settings
from tests.support.running import free_port, running
from tests.support.streaming import publishes


async def test_it_reports_its_health_and_turns_strangers_away(settings: Settings) -> None:
    port = free_port()
    async with running("streaming", msgspec.structs.replace(settings, rtmp_port=port)) as process:
        assert (await process.ask("/ready")).json() == {"status": "ready", "database": "up", "cache": "up"}
        assert (await process.ask("/live/stream.m3u8")).status_code == 404
        assert (await process.ask("/metrics", **{"X-Forwarded-For": "192.0.2.1"})).status_code == 404
        stranger = await publishes(port, "live_guessed")
        assert stranger.answer == (
            "NetStream.Publish.BadName",
            "This stream key is not known. Copy it again from your live console.",
        )
        assert await stranger.is_cut()
        stranger.vanish()
        process.tell_to_stop()
        async with asyncio.timeout(10):
            assert await process.process.wait() == 0
