"""From an encoder's bytes to what a player reads."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from pathlib import Path

import pytest

from tests.integration.streaming.conftest import Studio
from tests.support.meanwhile import until
from tests.support.streaming import HOST, clip, frames_of, publishes


async def test_a_stream_can_be_watched_by_hls_ll_hls_and_dash(studio: Studio, tmp_path: Path) -> None:
    stream, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    assert encoder.is_accepted
    await encoder.send(clip(8))
    await until(lambda: studio.channel(stream).video.segments and studio.channel(stream).video.segments[-1].number == 3)
    master = (await studio.get(stream, "master.m3u8")).text
    assert 'CODECS="avc1.42c00d,mp4a.40.2"' in master
    assert "RESOLUTION=320x180" in master
    playlist = (await studio.get(stream, "source.m3u8")).text
    assert "#EXTINF:2.00000,\nsource/0.m4s" in playlist
    assert re.search(r"#EXT-X-PART:DURATION=0.5\d+,URI=\"source/2.0.m4s\",INDEPENDENT=YES", playlist)
    assert "PART-HOLD-BACK" in playlist
    await studio.becomes(stream, "live")

    whole = (await studio.get(stream, "source/init-0.mp4")).content
    for number in range(3):
        whole += (await studio.get(stream, f"source/{number}.m4s")).content
    film = tmp_path / "film.mp4"
    film.write_bytes(whole)
    assert len(frames_of(film)) == 180
    await encoder.stop()


async def test_the_same_over_tls(studio: Studio) -> None:
    """RTMPS: nobody on the way reads the key, and what is no TLS is let go."""
    stream, key = await studio.stream()
    path = studio.app._backends.settings.rtmps_certificate
    assert path
    trusting = ssl.create_default_context(cafile=path)
    trusting.check_hostname = False  # it is made for the mail server's name
    encoder = await publishes(studio.app.rtmps_port, key, tls=trusting)
    assert encoder.is_accepted, encoder.answer
    await encoder.send(clip(8))
    await studio.becomes(stream, "live")
    async with studio.stage.backends.database.reading() as reader:
        told = await reader.fetch_value("SELECT protocol FROM stream_sessions WHERE stream_id = $1", stream.id)
    assert told == "rtmps"
    await encoder.stop()
    plain, writer = await asyncio.open_connection(HOST, studio.app.rtmps_port)
    writer.write(b"\x03" + bytes(1536))
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(plain.read(), 20)  # to its end: hung up
    writer.close()


@pytest.mark.property("P40")
async def test_many_streams_at_once_lose_nothing(studio: Studio) -> None:
    await many_lose_nothing(studio, 8)


@pytest.mark.drill
async def test_thirty_streams_at_once_lose_nothing(studio: Studio) -> None:
    await many_lose_nothing(studio, 30)


async def many_lose_nothing(studio: Studio, count: int) -> None:
    """P40: every frame of every stream is in its segments, in order."""
    planned = [await studio.stream(f"Stream {number}") for number in range(count)]
    encoders = [await publishes(studio.port, key) for _, key in planned]
    assert all(encoder.is_accepted for encoder in encoders), [encoder.answer for encoder in encoders]
    await asyncio.gather(*(encoder.send(clip(8)) for encoder in encoders))
    for stream, _ in planned:
        video = studio.channel(stream).video
        await until(lambda video=video: video.find(3) and len(video.find(3).parts) >= 3)  # type: ignore[misc]
        assert [(s.number, round(s.seconds, 2), s.is_gap) for s in list(video.segments)[:3]] == [
            (0, 2.0, False), (1, 2.0, False), (2, 2.0, False)
        ]  # fmt: skip
        assert studio.channel(stream).source.frames == 240
    told = await asyncio.gather(*(studio.get(stream, "source.m3u8") for stream, _ in planned))
    for answer in told:  # and so a viewer of each finds them, without a gap or a break
        assert re.findall(r"^source/(\d+)\.m4s$", answer.text, re.MULTILINE)[:3] == ["0", "1", "2"]
        assert "#EXT-X-GAP" not in answer.text
        assert "#EXT-X-DISCONTINUITY\n" not in answer.text
    sizes = {len((await studio.get(stream, "source/1.m4s")).content) for stream, _ in planned}
    assert len(sizes) == 1  # all sent the same, and nobody's quality was lowered for another's sake
