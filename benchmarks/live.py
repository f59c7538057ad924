"""Streams that pass through: what the streaming process costs per stream, with LL-HLS, DASH and the recording, beside nginx-rtmp's HLS.

    python -m benchmarks.live 20 100

`bare Python` (`benchmarks/peers/bare/rtmp.py`) is the least that Python can do: it reads the sockets and writes what comes to files.
Publishers send 720p at 2.5 Mbit/s in real time, in OBS's chunks. Told is the server's own processor time, read from the kernel,
which other work on the machine does not change much. nginx-rtmp takes part where Debian's libnginx-mod-rtmp is installed.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
import uvloop

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.live.service import streams
from directfanz.local.process import Command, Process
from directfanz.settings import Settings
from tests.support.accounts import stage_set
from tests.support.creators import page_of
from tests.support.engines import REPOSITORY, begin_run, end_run, shared_engines
from tests.support.running import free_port, running
from tests.support.streaming import AAC, FlvTag, made, publishes, tags_of
from tests.support.worlds import make_world

# As long as it takes until a part of 8 MiB goes to the store: so the window holds one part of each stream.
WARM_SECONDS, SECONDS = 6.0, 25.0
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
LEAST = "bare Python: reads the sockets, writes the bytes to files"
HAS_PEER = MODULE.exists()
SOURCE = (
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=1280x720:rate=30",
    "-f",
    "lavfi",
    "-i",
    "sine=sample_rate=48000",
    "-t",
    "8",
)
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-b:v", "2500k",
        "-maxrate", "2500k", "-bufsize", "2500k", "-x264-params", "nal-hrd=cbr", "-g", "60", "-sc_threshold", "0")  # fmt: skip


async def measure(pid: int, port: int, keys: list[str], tags: list[FlvTag]) -> tuple[float, float, float]:
    """Percent of a core, megabits a second, and MiB while all send."""
    encoders = [await publishes(port, key) for key in keys]
    assert all(encoder.is_accepted for encoder in encoders), [encoder.answer for encoder in encoders][:3]
    process, loop = psutil.Process(pid), asyncio.get_running_loop()
    began, at, shift, sent = loop.time(), 0, 0, 0
    counted: tuple[float, float, int] | None = None
    while (now := loop.time() - began) < WARM_SECONDS + SECONDS:
        if counted is None and now >= WARM_SECONDS:
            counted = (cpu(process), loop.time(), sent)
        due: list[FlvTag] = []
        while tags[at].time + shift <= now * 1000:
            due.append(tags[at]._replace(time=tags[at].time + shift))
            at += 1
            if at == len(tags):
                at, shift = 3, shift + 8000
        for encoder in encoders:
            await encoder.send(due)
            sent += sum(len(tag.body) for tag in due)
        await asyncio.sleep(0.02)
    assert counted is not None
    wall = loop.time() - counted[1]
    percent = (cpu(process) - counted[0]) * 100 / wall
    megabits, memory = (sent - counted[2]) * 8 / 1e6 / wall, process.memory_info().rss / 2**20
    for encoder in encoders:
        encoder.vanish()
    return percent, megabits, memory


def cpu(process: psutil.Process) -> float:
    return float(sum(t.user + t.system for t in (p.cpu_times() for p in (process, *process.children(recursive=True)))))


async def ours(settings: Settings, counts: list[int], tags: list[FlvTag]) -> None:
    port = free_port()
    async with stage_set(settings, ManualClock(datetime.now(UTC))) as stage:
        ada = await stage.joined("ada", "creator")
        caller = await stage.caller(ada)
        for count in counts:
            keys: list[str] = []
            while len(keys) < count:
                if len(keys) % 50 == 0:
                    page = await page_of(stage, ada)
                _, key = await streams.plan(stage.backends, caller, page.id, streams.Plan(title="Bench"))
                keys.append(key.secret)
            async with running("streaming", msgspec.structs.replace(settings, rtmp_port=port)) as process:
                say(
                    "DirectFanz: LL-HLS, DASH, recording and its upload",
                    count,
                    *await measure(process.pid, port, keys, tags),
                )


@asynccontextmanager
async def nginx(folder: Path, port: int) -> AsyncIterator[Process]:
    (folder / "hls").mkdir(exist_ok=True)
    conf = folder / "nginx.conf"
    conf.write_text(
        f"load_module {MODULE}; daemon off; master_process off; pid {folder}/pid; error_log {folder}/log; events {{}}\n"
        f"rtmp {{ server {{ listen 127.0.0.1:{port}; chunk_size 4096; application live {{ live on; hls on; "
        f"hls_path {folder}/hls; hls_fragment 2s; }} }} }}\n"
    )
    command = Command(argv=("/usr/sbin/nginx", "-c", str(conf), "-p", str(folder)), cwd=folder)
    process = Process.start(command, lambda data: None)
    await asyncio.sleep(1)
    try:
        yield process
    finally:
        process.kill_group()
        await process.wait()


@asynccontextmanager
async def bare(folder: Path, port: int) -> AsyncIterator[Process]:
    program = Path(__file__).parent / "peers" / "bare" / "rtmp.py"
    command = Command(argv=(sys.executable, str(program), str(port), str(folder)), cwd=REPOSITORY)
    process = Process.start(command, lambda data: None)
    await asyncio.sleep(2)
    try:
        yield process
    finally:
        process.kill_group()
        await process.wait()


async def theirs(folder: Path, counts: list[int], tags: list[FlvTag]) -> None:
    contenders: list[tuple[str, Callable[[Path, int], AbstractAsyncContextManager[Process]]]] = [(LEAST, bare)]
    if HAS_PEER:
        contenders.append(("nginx-rtmp: HLS in MPEG-TS to the disk", nginx))
    else:
        print("nginx-rtmp is not installed: it takes no part")
    for count in counts:
        keys = [f"k{number}" for number in range(count)]
        for who, opened in contenders:
            port = free_port()
            async with opened(folder, port) as process:
                say(who, count, *await measure(process.pid, port, keys, tags))


def say(who: str, count: int, percent: float, megabits: float, memory: float) -> None:
    each = percent / megabits
    print(
        f"{who}: {count} streams, {megabits:.0f} Mbit/s: {percent:.1f} % of a core, {each:.3f} % per Mbit/s, {memory:.0f} MiB",
        flush=True,
    )


async def everything(settings: Settings, folder: Path, counts: list[int]) -> None:
    tags = tags_of(made("bench-720.flv", *SOURCE, *H264, *AAC, "-f", "flv"))
    await ours(settings, counts, tags)
    await theirs(folder, counts, tags)


def main() -> None:
    counts = [int(word) for word in sys.argv[1:]] or [20]
    begin_run()
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as state:
            world = make_world(shared_engines(), "bench_live", 9, Path(state))
            uvloop.run(everything(world.settings, Path(state), counts))
    finally:
        end_run()
        print(f"{time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    main()
