"""The process itself is killed during a stream: the publisher comes back to the next one, at the same address, in the same recording."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.domains.live.service import recordings, streams
from directfanz.settings import Settings
from tests.support.accounts import Stage, stage_set
from tests.support.creators import page_of
from tests.support.meanwhile import until
from tests.support.running import Running, free_port, running
from tests.support.streaming import all_vanish, clip, in_pieces, publishes


@pytest.fixture
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    async with stage_set(settings, SystemClock()) as stage:  # type: ignore[arg-type]
        yield stage
    all_vanish()


async def has(process: Running, path: str, words: str) -> bool:
    answer = await process.ask(path)
    return answer.status_code == 200 and words in answer.text


@pytest.mark.property("P17")
async def test_a_killed_process_loses_no_stream(stage: Stage, settings: Settings) -> None:
    ada = await stage.joined("ada", "creator")
    page, caller = await page_of(stage, ada), await stage.caller(ada)
    stream, key = await streams.plan(stage.backends, caller, page.id, streams.Plan(title="Through a death"))
    pieces = list(in_pieces(clip(16, gop=30), 2))
    port, rtmp = free_port(), free_port()
    ours = msgspec.structs.replace(settings, rtmp_port=rtmp)
    playlist, backends = f"/live/{stream.id.hex}/source.m3u8", stage.backends

    async with running("streaming", ours, port) as first:
        encoder = await publishes(rtmp, key.secret)
        assert encoder.is_accepted, encoder.answer
        await encoder.send([tag for piece in pieces[:4] for tag in piece])
        await until(lambda: has(first, playlist, "source/2.m4s"))
        await asyncio.sleep(0.3)  # the tape is written by a thread
        await first.kill()

    async with running("streaming", ours, port) as second:
        assert await has(second, playlist, "source/1.m4s")  # what was, can be watched before anybody comes back

        async def is_back() -> bool:
            nonlocal encoder
            encoder = await publishes(rtmp, key.secret)
            return encoder.is_accepted

        await until(is_back)
        await encoder.send([*pieces[0][:4], *(tag for piece in pieces[4:] for tag in piece)])
        await until(lambda: has(second, playlist, "source/6.m4s"))
        told = (await second.ask(playlist)).text
        assert told.count("#EXT-X-DISCONTINUITY\n") == 1
        assert (await second.ask(f"/live/{stream.id.hex}/source/0.m4s")).status_code == 200
        await streams.end(backends, caller, stream.id)

        async def is_a_film() -> bool:
            found = await recordings.of_stream(backends.database, stream.id)
            return found is not None and found.state == "adopted"

        await until(is_a_film)
    found = await recordings.of_stream(backends.database, stream.id)
    assert found is not None
    # What was being made when it died, at most a segment, is all that is missing.
    assert 13.5 <= found.duration_ms / 1000 <= 16.5
