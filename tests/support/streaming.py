"""Encoders, as OBS and ffmpeg are: small clips, and a publisher that says what the server answered."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from directfanz.processes.streaming.rtmp import amf0
from directfanz.processes.streaming.rtmp.chunks import ChunkReader, Message, chunked
from directfanz.processes.streaming.rtmp.handshake import BLOCK
from tests.support.engines import only_one_worker, run_folder

HOST = "127.0.0.1"
OBS_CHUNK = 4096
COMMAND = 20
PICTURE = "testsrc2=size=320x180:rate=30"
TONE = "sine=frequency=440:sample_rate=48000"
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-b:v", "300k")
AAC = ("-c:a", "aac", "-b:a", "64k", "-ac", "2")


class FlvTag(NamedTuple):
    kind: int
    time: int
    body: bytes


@cache
def ffmpeg() -> str:
    from imageio_ffmpeg import get_ffmpeg_exe

    return str(get_ffmpeg_exe())


def made(name: str, *words: str) -> Path:
    """A file made once in a run by ffmpeg, shared by all workers."""
    path = run_folder() / f"clip-{name}"
    with only_one_worker(f"clip-{name}"):
        if not path.exists():
            half = path.with_name(f"half-{path.name}")
            command = [ffmpeg(), "-hide_banner", "-loglevel", "error", "-y", *words, str(half)]
            subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
            half.rename(path)
    return path


def clip(seconds: int = 8, gop: int = 60) -> list[FlvTag]:
    """320x180 at 30 a second, a key frame every `gop` frames, with a tone."""
    sources = ("-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", TONE, "-t", str(seconds))
    keys = ("-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0")
    return tags_of(made(f"plain-{seconds}-{gop}.flv", *sources, *H264, *keys, *AAC, "-f", "flv"))


def tags_of(path: Path) -> list[FlvTag]:
    data, at, tags = path.read_bytes(), 13, []
    while at + 11 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        time = int.from_bytes(data[at + 4 : at + 7], "big") | data[at + 7] << 24
        tags.append(FlvTag(data[at] & 31, time, data[at + 11 : at + 11 + size]))
        at += 15 + size
    return tags


@dataclass
class Encoder:
    """A publisher. `answer` is what the server said to `publish`: a code and words."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    chunk: int = OBS_CHUNK
    answer: tuple[str, str] = ("", "")
    said: list[list[amf0.Value]] = field(default_factory=list)
    _chunks: ChunkReader = field(default_factory=ChunkReader)

    @property
    def is_accepted(self) -> bool:
        return self.answer[0] == "NetStream.Publish.Start"

    def tell(self, channel: int, kind: int, stream: int, body: bytes, time: int = 0) -> None:
        self.writer.write(chunked(channel, Message(kind, time, stream, body), self.chunk))

    def command(self, *values: amf0.Value, stream: int = 0) -> None:
        self.tell(3, COMMAND, stream, amf0.encode(*values))

    async def send(self, tags: Sequence[FlvTag], shift: int = 0) -> None:
        """As fast as it goes: what counts is written in the tags."""
        for tag in tags:
            body = amf0.encode("@setDataFrame") + tag.body if tag.kind == 18 else tag.body
            self.tell(4 if tag.kind == 8 else 6, tag.kind, 1, body, (tag.time + shift) & 0xFFFFFFFF)
            if tag.kind == 9:
                await self.writer.drain()
        await self.writer.drain()

    async def hears(self, code: str) -> str:
        """Waits for a status of the server; answers its words."""
        async with asyncio.timeout(20):
            while True:
                for values in self.said:
                    told = values[-1]
                    if isinstance(told, dict) and told.get("code") == code:
                        return str(told.get("description", ""))
                await self._listen()

    async def is_cut(self) -> bool:
        async with asyncio.timeout(30):
            try:
                while await self.reader.read(65536):
                    pass
            except ConnectionError:
                pass
        return True

    def vanish(self) -> None:
        self.writer.transport.abort()

    async def stop(self) -> None:
        self.command("FCUnpublish", 6.0, None, "key")
        self.command("deleteStream", 7.0, None, 1.0)
        with contextlib.suppress(ConnectionError):
            await self.writer.drain()
            self.writer.close()
            await self.writer.wait_closed()

    async def _listen(self) -> None:
        data = await self.reader.read(65536)
        if not data:
            raise ConnectionError("the server hung up")
        self._chunks.feed(data)
        while (message := self._chunks.next()) is not None:
            if message.kind == COMMAND:
                self.said.append(amf0.decode_all(message.body))


_everybody: list[Encoder] = []


async def shaken(port: int, tls: ssl.SSLContext | None = None) -> Encoder:
    """Connected, the handshake done."""
    reader, writer = await asyncio.open_connection(HOST, port, ssl=tls)
    writer.write(b"\x03" + bytes(8) + os.urandom(BLOCK - 8))
    answer = await reader.readexactly(1 + 2 * BLOCK)
    writer.write(answer[1 : 1 + BLOCK])
    encoder = Encoder(reader, writer)
    _everybody.append(encoder)
    return encoder


def all_vanish() -> None:
    """At the end of a test."""
    while _everybody:
        _everybody.pop().vanish()


async def publishes(
    port: int, key: str, app: str = "live", chunk: int = OBS_CHUNK, tls: ssl.SSLContext | None = None
) -> Encoder:
    """As OBS does it; `answer` tells whether it was let in."""
    encoder = await shaken(port, tls)
    encoder.chunk = 128
    encoder.tell(2, 1, 0, chunk.to_bytes(4, "big"))
    encoder.chunk = chunk
    encoder.command("connect", 1.0, {"app": app, "type": "nonprivate", "tcUrl": f"rtmp://{HOST}/{app}"})
    encoder.command("releaseStream", 2.0, None, key)
    encoder.command("FCPublish", 3.0, None, key)
    encoder.command("createStream", 4.0, None)
    encoder.command("publish", 5.0, None, key, "live", stream=1)
    async with asyncio.timeout(20):
        while not encoder.answer[0]:
            await encoder._listen()
            for values in encoder.said:
                if values[0] == "onStatus":
                    encoder.answer = (str(values[3]["code"]), str(values[3]["description"]))
    return encoder


def started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@asynccontextmanager
async def ffmpeg_publishing(port: int, key: str, *words: str) -> AsyncIterator[subprocess.Popen[bytes]]:
    """ffmpeg itself, in real time."""
    command = [
        ffmpeg(),
        "-hide_banner",
        "-loglevel",
        "error",
        "-re",
        *words,
        "-f",
        "flv",
        f"rtmp://{HOST}:{port}/live/{key}",
    ]
    process = started(command)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stderr
        process.stderr.close()


def frames_of(film: Path, stream: str = "0:v:0") -> list[str]:
    """A checksum for each decoded picture; fails where ffmpeg finds anything wrong."""
    command = [ffmpeg(), "-v", "error", "-i", str(film), "-map", stream, "-f", "framemd5", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stderr == "", told.stderr
    return [line.rsplit(",", 1)[1].strip() for line in told.stdout.splitlines() if not line.startswith("#")]


def in_pieces(tags: Sequence[FlvTag], seconds: float) -> Iterator[list[FlvTag]]:
    """Cut where the picture's time passes each so many seconds."""
    piece: list[FlvTag] = []
    edge = seconds * 1000
    for tag in tags:
        if tag.kind == 9 and tag.time >= edge:
            yield piece
            piece, edge = [], edge + seconds * 1000
        piece.append(tag)
    yield piece
