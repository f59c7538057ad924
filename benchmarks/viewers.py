"""How many viewers a core carries: low-latency players behind the edge, each with cookies of its own.

    python -m benchmarks.viewers 200

One stream of 2.5 Mbit/s at 720p. Each viewer does over two kept connections what hls.js does for picture and sound: asks for the
playlist that will have the next part, waits for it, and fetches that part. Told is processor time, read from the kernel, of nginx and
of the streaming process; and whether anybody missed a part. Without TLS.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import psutil
import uvloop

from benchmarks.live import H264, SOURCE, cpu
from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.live.service import streams
from directfanz.kit.signing import UrlSigner, custom_policy, new_key_pair
from directfanz.platform_toml import load_platform
from directfanz.settings import Settings
from tests.support.accounts import stage_set
from tests.support.creators import page_of
from tests.support.edge import RunningEdge, running_edge, unhurried
from tests.support.engines import REPOSITORY, begin_run, end_run, shared_engines
from tests.support.running import free_port, running
from tests.support.streaming import AAC, Encoder, FlvTag, made, publishes, tags_of
from tests.support.worlds import make_world

WARM_SECONDS, SECONDS = 6.0, 12.0
_PART = re.compile(r'#EXT-X-PART:[^\n]*URI="([^"]+)"')
_HINT = re.compile(r'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="\w+/(\d+)\.(\d+)\.m4s"')


class Line:
    """One kept connection of one viewer: picture or sound."""

    def __init__(self, edge: RunningEdge, folder: str, cookies: str, track: str, found: Counter[str]) -> None:
        self._edge, self._folder, self._track, self._found = edge, folder, track, found
        self._head = f" HTTP/1.1\r\nHost: 127.0.0.1:{edge.port}\r\nCookie: {cookies}\r\n\r\n"
        self.parts: list[str] = []

    async def watch(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._edge.port, limit=1 << 20)
        try:
            text = (await self._get(f"{self._track}.m3u8")).decode()
            while True:
                hint = _HINT.search(text)
                assert hint is not None, text
                text = (await self._get(f"{self._track}.m3u8?_HLS_msn={hint[1]}&_HLS_part={hint[2]}")).decode()
                newest = _PART.findall(text)[-1]
                await self._get(newest)
                self.parts.append(newest)
        finally:
            self._writer.close()

    async def _get(self, name: str) -> bytes:
        self._writer.write(f"GET {self._folder}/{name}{self._head}".encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = re.search(r"content-length: (\d+)", head)
        if not head.startswith("http/1.1 200") or size is None:
            raise SystemExit(f"{name}: {head}")
        cached = re.search(r"x-cache: (\w+)", head)
        self._found[cached[1] if cached else "?"] += 1
        return await self._reader.readexactly(int(size[1]))


async def on_air(encoder: Encoder, tags: list[FlvTag]) -> None:
    loop = asyncio.get_running_loop()
    began, at, shift = loop.time(), 0, 0
    while True:
        due: list[FlvTag] = []
        while tags[at].time + shift <= (loop.time() - began) * 1000:
            due.append(tags[at]._replace(time=tags[at].time + shift))
            at += 1
            if at == len(tags):
                at, shift = 3, shift + 8000
        await encoder.send(due)
        await asyncio.sleep(0.02)


def cookies_of(edge: RunningEdge, signer: UrlSigner, folder: str, number: int) -> str:
    until = datetime.now(UTC) + timedelta(minutes=5, seconds=number)
    found = signer.cookies_for(custom_policy(f"{edge.url}{folder}/*", until))
    return "; ".join(f"{name}={value}" for name, value in found.items())


async def measure(edge: RunningEdge, server: psutil.Process, signer: UrlSigner, folder: str, viewers: int) -> None:
    found = Counter[str]()
    lines = [
        Line(edge, folder, cookies_of(edge, signer, folder, number), track, found)
        for number in range(viewers)
        for track in ("source", "audio")
    ]
    watching = [asyncio.create_task(line.watch()) for line in lines]
    await asyncio.sleep(WARM_SECONDS)
    nginx, loop = psutil.Process(edge.process.pid), asyncio.get_running_loop()
    before, began = (cpu(nginx), cpu(server)), loop.time()
    counted = [len(line.parts) for line in lines]
    asked = found.total(), found["hit"]
    await asyncio.sleep(SECONDS)
    wall = loop.time() - began
    at_edge, at_server = cpu(nginx) - before[0], cpu(server) - before[1]
    parts = [len(line.parts) - then for line, then in zip(lines, counted, strict=True)]
    for task in watching:
        task.cancel()
    broken = [task for task in await asyncio.gather(*watching, return_exceptions=True) if isinstance(task, Exception)]
    total, hits = found.total() - asked[0], found["hit"] - asked[1]
    print(
        f"{viewers} viewers, {total / wall:.0f} requests/s, {hits / total:.1%} from the edge's cache; parts a line in {wall:.0f} s: "
        f"{min(parts)} to {max(parts)}; broken lines {len(broken)}"
    )
    print(
        f"edge {at_edge * 100 / wall:.1f} % of a core, {viewers * wall / at_edge:.0f} viewers a core; "
        f"streaming process {at_server * 100 / wall:.1f} %, {viewers * wall / at_server:.0f} viewers a core",
        flush=True,
    )


async def everything(settings: Settings, folder: Path, counts: list[int]) -> None:
    tags = tags_of(made("bench-720.flv", *SOURCE, *H264, *AAC, "-f", "flv"))
    rtmp, (private, public) = free_port(), new_key_pair()
    async with stage_set(settings, ManualClock(datetime.now(UTC))) as stage:
        ada = await stage.joined("ada", "creator")
        page, caller = await page_of(stage, ada), await stage.caller(ada)
        stream, key = await streams.plan(stage.backends, caller, page.id, streams.Plan(title="Bench"))
        async with running("streaming", msgspec.structs.replace(settings, rtmp_port=rtmp)) as process:
            sending = asyncio.create_task(on_air(await publishes(rtmp, key.secret), tags))
            await asyncio.sleep(3)
            platform = unhurried(load_platform(REPOSITORY / "platform.toml"))
            services = {"streaming": [f"127.0.0.1:{process.port}"]}
            opened = running_edge(
                platform, folder, public_keys={"K1": public}, services=services, storage="127.0.0.1:9"
            )
            edge = await asyncio.to_thread(opened.__enter__)
            try:
                for count in counts:
                    signer = UrlSigner("K1", private)
                    await measure(edge, psutil.Process(process.pid), signer, f"/live/{stream.id.hex}", count)
            finally:
                await asyncio.to_thread(opened.__exit__, None, None, None)
                sending.cancel()


def main() -> None:
    counts = [int(word) for word in sys.argv[1:]] or [200]
    begin_run()
    try:
        with tempfile.TemporaryDirectory() as state, tempfile.TemporaryDirectory() as folder:
            world = make_world(shared_engines(), "bench_viewers", 11, Path(state))
            uvloop.run(everything(world.settings, Path(folder), counts))
    finally:
        end_run()


if __name__ == "__main__":
    main()
