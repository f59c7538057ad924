"""Hostile, unlucky and odd publishers: each is cut or taken with a reason, and the process goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta

import pytest

from directfanz.domains.live.models import Stream
from directfanz.domains.live.service import health, streams
from tests.integration.streaming.conftest import Studio
from tests.support.meanwhile import until
from tests.support.streaming import AAC, H264, HOST, PICTURE, TONE, FlvTag, clip, made, publishes, shaken, tags_of


async def time_passes(studio: Studio, seconds: int) -> None:
    for _ in range(seconds):
        await studio.stage.clock.advance(timedelta(seconds=1))
        await asyncio.sleep(0)


async def cut_within(studio: Studio, reader: asyncio.StreamReader, seconds: int) -> bool:
    """Whether the server hangs up before so much time has passed on its clock."""

    async def hung_up() -> None:
        with contextlib.suppress(ConnectionError):
            while await reader.read(65536):
                pass

    reading = asyncio.create_task(hung_up())
    await time_passes(studio, seconds)
    done, _ = await asyncio.wait({reading}, timeout=5)
    reading.cancel()
    return bool(done)


async def told(studio: Studio, stream: Stream) -> list[str]:
    return [event.message for event in await health.events(studio.stage.backends.database, stream.id)]


async def refused_with(studio: Studio, words: str, tags: Sequence[FlvTag]) -> None:
    """The encoder reads why, and so does its creator in the console."""
    stream, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    with contextlib.suppress(ConnectionError):
        await encoder.send(tags)
    assert words in await encoder.hears("NetStream.Publish.Failed")

    async def is_told() -> bool:
        await studio.stage.clock.advance(timedelta(seconds=0.1))  # who could not tell the database tries again in time
        return any(words in message for message in await told(studio, stream))

    await until(is_told)


async def test_those_who_say_nothing_are_cut(studio: Studio) -> None:
    silent, writer = await asyncio.open_connection(HOST, studio.port)
    assert await cut_within(studio, silent, 7)
    writer.close()
    half, writer = await asyncio.open_connection(HOST, studio.port)
    writer.write(b"\x03" + bytes(800))
    assert await cut_within(studio, half, 7)
    writer.close()
    assert await cut_within(studio, (await shaken(studio.port)).reader, 12)
    stream, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    await encoder.send(clip(8))
    await studio.becomes(stream, "live")
    assert await cut_within(studio, encoder.reader, 12)
    assert len(studio.app.door) == 0
    await studio.becomes(stream, "reconnecting")


async def test_what_is_no_rtmp_is_cut_at_once(studio: Studio) -> None:
    reader, writer = await asyncio.open_connection(HOST, studio.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert await cut_within(studio, reader, 0)
    writer.close()


async def test_keys_are_looked_at_before_anything_is_taken(studio: Studio) -> None:
    stream, key = await studio.stream()
    assert (await publishes(studio.port, key, app="other")).answer[1].startswith("The address ends in /live")
    assert (await publishes(studio.port, key[:-1])).answer[0] == "NetStream.Publish.BadName"
    caller = await studio.stage.caller(studio.ada)
    encoder = await publishes(studio.port, key)
    assert encoder.is_accepted
    new = await streams.rotate_key(studio.stage.backends, caller, stream.id)
    assert "was replaced" in (await publishes(studio.port, key)).answer[1]
    await time_passes(studio, 7)  # whoever sends with the old one is cut
    assert "was replaced" in await encoder.hears("NetStream.Publish.Failed")
    assert (await publishes(studio.port, new.secret)).is_accepted


async def test_of_two_publishers_the_one_that_sends_stays(studio: Studio) -> None:
    _, key = await studio.stream()
    one = await publishes(studio.port, key)
    await one.send(clip(8)[:100])
    second = asyncio.create_task(publishes(studio.port, key))
    number = 100
    while not second.done():
        await one.send(clip(8)[number : number + 1])
        await asyncio.sleep(0.1)
        await time_passes(studio, 1)
        number += 1
    assert (await second).answer == (
        "NetStream.Publish.BadName",
        "This stream is live from another encoder. Stop that one first.",
    )
    await time_passes(studio, 4)  # the one that is there falls silent: its line is dead
    third = await publishes(studio.port, key)
    assert third.is_accepted, third.answer
    assert "took over" in await one.hears("NetStream.Publish.Failed")


async def test_more_than_a_stream_may_have_is_cut(studio: Studio) -> None:
    _, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    tags = clip(8)
    await encoder.send(tags[:10])
    filler = [tag for tag in tags if tag.kind == 9][5]
    for number in range(12):
        large = FlvTag(9, 100 + number * 33, filler.body + bytes(2_500_000))
        with contextlib.suppress(ConnectionError):
            await encoder.send([large])
        await asyncio.sleep(0.05)
        await time_passes(studio, 1)
    assert "kbit/s are more than" in await encoder.hears("NetStream.Publish.Failed")


async def test_what_cannot_be_shown_is_refused_with_the_reason(studio: Studio) -> None:
    tags = clip(8)
    await refused_with(studio, "Sound in MP3 is not taken", [*tags[:6], FlvTag(8, 0, b"\x2f" + bytes(100))])
    await refused_with(studio, "Video in VP6 is not taken", [FlvTag(9, 0, b"\x14" + bytes(100))])
    huge = made(
        "huge.flv", "-f", "lavfi", "-i", "color=gray:size=7680x4320:rate=5", "-frames:v", "1", *H264, "-f", "flv"
    )
    await refused_with(studio, "The picture has 7680x4320: send at most 4096x2160", tags_of(huge))
    late = [tag for tag in clip(16, gop=600) if tag.kind != 8]
    await refused_with(studio, "No key frame for 10 s", late)


@pytest.mark.parametrize("odd", ["no sound", "one frame a second", "a jumping clock", "only sound"])
async def test_odd_sources_are_taken(studio: Studio, odd: str) -> None:
    stream, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    tags, seconds = clip(8), 6.0
    if odd == "no sound":
        tags = [tag for tag in tags if tag.kind != 8]
    elif odd == "only sound":
        tags = [tag for tag in tags if tag.kind == 8]
        seconds = 4.0
    elif odd == "one frame a second":
        slow = made("slow.flv", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=1", "-f", "lavfi", "-i", TONE, "-t", "12",
                    *H264, "-g", "2", *AAC, "-f", "flv")  # fmt: skip
        tags, seconds = tags_of(slow), 10.0
    else:
        tags = [tag._replace(time=tag.time + 9_000_000 * (tag.time > 3500)) for tag in tags]
    await encoder.send(tags)
    track = studio.channel(stream).audio if odd == "only sound" else studio.channel(stream).video
    await until(lambda: sum(s.seconds for s in track.segments if s.is_done) >= seconds - 0.1)
    assert (await studio.get(stream, "master.m3u8")).status_code == 200
    first = track.segments[0].time / track.timescale
    assert abs(track.end / track.timescale - first - (12 if odd == "one frame a second" else 8)) < 2.2
    assert PICTURE


async def test_a_stream_of_days_never_wraps(studio: Studio) -> None:
    """Timestamps cross 24 bits, then 32, and the segments follow each other all the same."""
    stream, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    heads, frames = clip(8)[:3], clip(8)[3:]
    for shift in (0xFFFFFF - 4000, 0xFFFFFFFF - 4000):
        await encoder.send(heads if shift < 2**25 else [], shift=shift)
        await encoder.send(frames, shift=shift)
    video = studio.channel(stream).video
    await until(lambda: video.find(6))
    for before, after in zip(video.segments, list(video.segments)[1:], strict=False):
        if before.is_done:
            end = before.time / video.timescale + before.seconds
            assert abs(after.time / video.timescale - end) < 0.05
