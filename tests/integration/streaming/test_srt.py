"""SRT: ffmpeg sends as OBS does; the key is in the stream id, and the same doorkeeper decides as for RTMP."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.domains.live.models import Stream
from directfanz.domains.live.service import health
from directfanz.processes.streaming.srt import packets
from directfanz.processes.streaming.srt.flv import FlvReader
from directfanz.processes.streaming.srt.packets import CONCLUSION, INDUCTION, Handshake
from tests.integration.streaming.conftest import Studio
from tests.support.meanwhile import until
from tests.support.streaming import AAC, H264, HOST, PICTURE, TONE, ffmpeg, frames_of, made, started

FILM = ("-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", TONE, "-t", "18", *H264, "-g", "30", *AAC, "-f", "mpegts")
HELLO = Handshake(0, 4, 0, 2, 77, 1500, 8192, INDUCTION, 4711, 0, bytes(16), b"")


@asynccontextmanager
async def sending(
    studio: Studio, stream_id: str, how_it_ends: signal.Signals = signal.SIGKILL
) -> AsyncIterator[subprocess.Popen[bytes]]:
    film = made("srt.ts", *FILM)
    target = f"srt://{HOST}:{studio.app.srt_port}?streamid={stream_id}&latency=120000"
    command = [
        ffmpeg(),
        "-hide_banner",
        "-loglevel",
        "error",
        "-readrate",  # quicker than life: what counts is written in the packets
        "3",
        "-i",
        str(film),
        "-c",
        "copy",
        "-f",
        "mpegts",
        target,
    ]
    process = started(command)
    try:
        yield process
    finally:
        process.send_signal(how_it_ends)
        process.wait()
        assert process.stderr
        process.stderr.close()


async def is_now(studio: Studio, stream: Stream, wanted: str) -> None:
    """The encoder sends in its own time, so the process's clock stands still."""

    async def is_so() -> bool:
        return await studio.state(stream) == wanted

    await until(is_so)


async def test_an_encoder_sends_by_srt_and_comes_back(studio: Studio, tmp_path: Path) -> None:
    stream, key = await studio.stream("By SRT")
    async with sending(studio, key, signal.SIGTERM):  # says goodbye
        await is_now(studio, stream, "live")
        video = studio.channel(stream).video
        await until(lambda: len([each for each in video.segments if each.is_done]) >= 2)
        master = (await studio.get(stream, "master.m3u8")).text
        assert "RESOLUTION=320x180" in master
        assert "mp4a.40.2" in master
    await is_now(studio, stream, "reconnecting")
    numbers = [each.number for each in video.segments]
    async with sending(studio, f"%23!::r={key},m=publish"):
        await is_now(studio, stream, "live")
        await until(lambda: (found := video.find(numbers[-1] + 1)) is not None and found.is_done)
    assert "#EXT-X-DISCONTINUITY\n" in (await studio.get(stream, "source.m3u8")).text
    whole = (await studio.get(stream, "source/init-0.mp4")).content + (await studio.get(stream, "source/0.m4s")).content
    film = tmp_path / "film.mp4"
    film.write_bytes(whole)
    assert frames_of(film)
    await studio.becomes_in_time(stream, "reconnecting")  # the line is dead, which is noticed by the silence
    await until(lambda: len(studio.app.srt) == 0)


async def test_a_stranger_is_turned_away_and_starts_nothing(studio: Studio) -> None:
    async with sending(studio, "live_guessed") as process:
        await asyncio.wait_for(asyncio.to_thread(process.wait), 30)
        assert process.returncode != 0
    await until(lambda: len(studio.app.srt) == 0)


class _Heard(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.heard.put_nowait(data)


async def test_only_who_was_given_the_cookie_is_asked_about(studio: Studio) -> None:
    loop = asyncio.get_running_loop()
    line, heard = await loop.create_datagram_endpoint(_Heard, remote_addr=(HOST, studio.app.srt_port))
    line.sendto(packets.written(HELLO))
    async with asyncio.timeout(5):
        welcome = packets.read(await heard.heard.get())
    assert welcome is not None
    assert (welcome.destination, welcome.kind, welcome.extension) == (4711, INDUCTION, packets.MAGIC)
    asks = HELLO._replace(version=5, kind=CONCLUSION, extension=5, rest=stream_id_block("live_guessed"))
    for junk in (b"", b"\x80", bytes(64), packets.written(asks), packets.written(asks._replace(rest=b"\0\5\xff\xff"))):
        line.sendto(junk)
    line.sendto(packets.written(asks._replace(cookie=welcome.cookie)))
    async with asyncio.timeout(5):
        refused = packets.read(await heard.heard.get())
    assert refused is not None
    assert refused.kind == packets.FAILED + packets.UNAUTHORIZED
    assert heard.heard.empty()
    line.close()
    await until(lambda: len(studio.app.srt) == 0)


async def test_what_cannot_be_shown_is_told_in_the_console(studio: Studio) -> None:
    stream, key = await studio.stream()
    film = made("mp3.ts", "-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", TONE, "-t", "12", *H264, "-g", "30",
                "-c:a", "libmp3lame", "-ar", "44100", "-f", "mpegts")  # fmt: skip
    target = f"srt://{HOST}:{studio.app.srt_port}?streamid={key}"
    command = [ffmpeg(), "-loglevel", "quiet", "-re", "-i", str(film), "-c", "copy", "-f", "mpegts", target]
    process = started(command)
    try:

        async def is_told() -> bool:
            await studio.stage.clock.advance(timedelta(seconds=0.1))
            found = await health.events(studio.stage.backends.database, stream.id)
            return any("MP3" in each.message for each in found)

        await until(is_told)
    finally:
        process.kill()
        process.communicate()


def stream_id_block(words: str) -> bytes:
    data = words.encode()
    data += bytes(-len(data) % 4)
    turned = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
    return packets.STREAM_ID.to_bytes(2, "big") + (len(data) // 4).to_bytes(2, "big") + turned


@settings(max_examples=100)
@given(st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=120).map(str.strip))
def test_a_stream_id_is_read_as_it_was_written(words: str) -> None:
    asks = HELLO._replace(kind=CONCLUSION, rest=b"\0\1\0\3" + bytes(12) + stream_id_block(words))
    again = packets.read(packets.written(asks))
    assert again == asks
    assert again is not None
    assert again.stream_id() == words


@settings(max_examples=100)
@given(st.binary(max_size=300), st.integers(0, 300))
def test_no_packet_breaks_it(data: bytes, cut: int) -> None:
    for each in (data, packets.written(HELLO._replace(kind=CONCLUSION, rest=data))[:cut]):
        with contextlib.suppress(ValueError):
            if (shake := packets.read(each)) is not None:
                packets.key_of(shake.stream_id())


@settings(max_examples=100)
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=20))
def test_flv_is_read_however_it_is_cut(cuts: list[int]) -> None:
    path = made("srt.flv", "-f", "lavfi", "-i", PICTURE, "-t", "1", *H264, "-f", "flv")
    data, reader, found, at = path.read_bytes(), FlvReader(), [], 0
    for cut in cuts:
        found += list(reader.feed(data[at : at + cut]))
        at += cut
    found += list(reader.feed(data[at:]))
    assert found == list(FlvReader().feed(data))
    assert len(found) > 30


@pytest.mark.parametrize(("told", "key"), [("live_a", "live_a"), ("#!::m=publish,r=live_a", "live_a"), ("#!::u=x", "")])
def test_the_key_is_in_the_stream_id(told: str, key: str) -> None:
    assert packets.key_of(told) == key
