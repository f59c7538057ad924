"""From the camera to the screen: how long a picture takes, how soon a stream can be watched, and how soon it is a film.

    python -m benchmarks.glass 40

The picture carries the wall clock as a bar code; ffmpeg encodes it as it is drawn and sends it by RTMP; hls.js in Chromium plays it
and reads the code back from a canvas. Camera and screen are one machine, so one clock: what is told is glass to glass without the wires
between.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil
import uvloop
from playwright.async_api import Route, async_playwright

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.live.models import Recording
from directfanz.domains.live.service import recordings, streams
from directfanz.settings import Settings
from tests.support.accounts import stage_set
from tests.support.browser import EXECUTABLE, FLAGS
from tests.support.creators import page_of
from tests.support.engines import begin_run, end_run, shared_engines
from tests.support.running import free_port, running
from tests.support.streaming import AAC, HOST, ffmpeg
from tests.support.worlds import make_world

WIDTH, HEIGHT, FRAMES = 960, 540, 30
BITS, BAR = 32, 60
PART = re.compile(r'#EXT-X-PART:[^\n]*URI="([^"]+)"')
HLS = Path(__file__).parents[1] / "frontend" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
# What our own player asks for: frontend/src/islands/stream.ts.
PAGE = """<!doctype html><meta charset=utf-8><video id=v muted playsinline width=640 height=360></video>
<script src="hls.js"></script><script>
const seen = window.seen = {first: 0, ms: [], stalls: 0, began: performance.now(), fatal: []};
const canvas = document.createElement('canvas'); canvas.width = 640; canvas.height = 80;
const context = canvas.getContext('2d', {willReadFrequently: true});
function code() {
  context.drawImage(v, 0, 0, 640, 360);
  const dots = context.getImageData(0, 0, 640, 80).data; let ms = 0;
  for (let bit = 0; bit < 32; bit++) {
    const x = bit * 20 + 10, one = dots[(20 * 640 + x) * 4], other = dots[(60 * 640 + x) * 4];
    if ((one > 128) === (other > 128)) return null;
    ms = ms * 2 + (one > 128 ? 1 : 0);
  }
  return ms;
}
const hls = new Hls({lowLatencyMode: true, liveSyncDuration: 1.6, liveMaxLatencyDuration: 8, maxLiveSyncPlaybackRate: 1.3});
hls.on(Hls.Events.ERROR, (_, e) => { if (e.fatal) seen.fatal.push(e.details); });
hls.on(Hls.Events.MANIFEST_PARSED, () => v.play());
v.addEventListener('waiting', () => { if (seen.first) seen.stalls++; });
v.requestVideoFrameCallback(() => { seen.first = performance.now() - seen.began; });
setInterval(() => { if (!seen.first) return; const ms = code(); if (ms !== null) seen.ms.push((Date.now() % 4294967296) - ms); }, 200);
hls.loadSource('master.m3u8'); hls.attachMedia(v);
</script>"""


def draw(pipe: Any, stop: threading.Event) -> None:
    """Frames with the wall clock in them, in real time."""
    rest, colour = bytes([110]) * (WIDTH * (HEIGHT - 2 * BAR)), bytes([128]) * (WIDTH * HEIGHT // 2)
    began, number = time.time(), 0
    with contextlib.suppress(BrokenPipeError, ValueError):
        while not stop.is_set():
            time.sleep(max(0.0, began + number / FRAMES - time.time()))
            ms = int(time.time() * 1000) & 0xFFFFFFFF
            bits = [ms >> (BITS - 1 - bit) & 1 for bit in range(BITS)]
            row = b"".join(bytes([235 if bit else 16]) * (WIDTH // BITS) for bit in bits)
            other = b"".join(bytes([16 if bit else 235]) * (WIDTH // BITS) for bit in bits)
            pipe.write(row * BAR + other * BAR + rest + colour)
            number += 1


def encoder(port: int, key: str) -> subprocess.Popen[bytes]:
    command = [
        ffmpeg(), "-hide_banner", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}",
        "-r", str(FRAMES), "-i", "pipe:0", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-c:v", "libx264", "-preset",
        "ultrafast", "-tune", "zerolatency", "-g", "60", "-sc_threshold", "0", "-b:v", "1500k", *AAC, "-shortest",
        "-flush_packets", "1", "-f", "flv", f"rtmp://{HOST}:{port}/live/{key}",
    ]  # fmt: skip
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0
    )


async def packed(route: Route) -> None:
    is_page = route.request.url.endswith("player.html")
    kind = "text/html" if is_page else "text/javascript"
    await route.fulfill(body=PAGE if is_page else HLS.read_text(), content_type=kind)


async def crashed(base: str, server: psutil.Process) -> dict[str, float]:
    """The encoder of the lower rendition is killed: how long its viewers, and those of the source, see nothing new."""
    (child,) = [each for each in server.children(recursive=True) if "ffmpeg" in each.name()]
    longest, newest, since = {"source": 0.0, "360": 0.0}, {"source": "", "360": ""}, dict[str, float]()
    async with httpx.AsyncClient(verify=False) as client:
        began, is_killed = time.monotonic(), False
        while (now := time.monotonic()) < began + 8:
            if not is_killed and now > began + 2:
                child.kill()
                is_killed = True
            for name in longest:
                found = PART.findall((await client.get(f"{base}/{name}.m3u8")).text)[-1]
                if found != newest[name]:
                    newest[name], since[name] = found, time.monotonic()
                if is_killed:
                    longest[name] = max(longest[name], time.monotonic() - since[name])
            await asyncio.sleep(0.03)
    return {f"encoder killed: longest without a new part, {name}, s": found for name, found in longest.items()}


async def watched(base: str, seconds: float, server: psutil.Process) -> dict[str, Any]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS)
        page = await browser.new_page()
        await page.route("**/player.html", packed)
        await page.route("**/hls.js", packed)
        await page.goto(f"{base}/player.html")
        await page.wait_for_function("seen.first > 0", timeout=30_000)
        await asyncio.sleep(seconds)
        seen: dict[str, Any] = await page.evaluate("seen")
        seen["crash"] = await crashed(base, server)
        await browser.close()
    return seen


async def measure(settings: Settings, seconds: float) -> dict[str, float]:
    rtmp = free_port()
    stop = threading.Event()
    async with stage_set(settings, ManualClock(datetime.now(UTC))) as stage:
        ada = await stage.joined("ada", "creator")
        page, caller = await page_of(stage, ada), await stage.caller(ada)
        stream, key = await streams.plan(stage.backends, caller, page.id, streams.Plan(title="Glass"))
        async with running("streaming", msgspec.structs.replace(settings, rtmp_port=rtmp)) as process:
            sends = encoder(rtmp, key.secret)
            threading.Thread(target=draw, args=(sends.stdin, stop), daemon=True).start()
            playable = await first_part(process.url(f"/live/{stream.id.hex}/source.m3u8"), stage, stream.id)
            seen = await watched(process.url(f"/live/{stream.id.hex}"), seconds, psutil.Process(process.pid))
            stop.set()
            sends.kill()
            sends.wait()
            await asyncio.sleep(1)  # it is missed, and what was open is closed
            lasted = await live_seconds(process.url(f"/live/{stream.id.hex}/source.rewind.m3u8"))
            ended = time.monotonic()
            await streams.end(stage.backends, caller, stream.id)
            found = await adopted(stage, stream.id)
            film = time.monotonic() - ended
    ms = sorted(seen["ms"][10:])
    assert not seen["fatal"], seen["fatal"]
    return {
        "playable after publish, s": playable, "first frame, s": seen["first"] / 1000,
        "glass to glass p50, s": statistics.median(ms) / 1000, "glass to glass p95, s": ms[int(len(ms) * 0.95)] / 1000,
        "stalls": seen["stalls"], "looks": len(ms), "recording against live, s": found.duration_ms / 1000 - lasted,
        "film after the end, s": film, **seen["crash"],
    }  # fmt: skip


async def adopted(stage: Any, stream_id: Any) -> Recording:
    while True:
        found = await recordings.of_stream(stage.backends.database, stream_id)
        if found is not None and found.state == "adopted":
            return found
        await asyncio.sleep(0.05)


async def first_part(url: str, stage: Any, stream_id: Any) -> float:
    """From when the publisher was let in to when a playlist names a part."""
    async with httpx.AsyncClient(verify=False) as client:
        while True:
            answer = await client.get(url)
            if answer.status_code == 200 and "#EXT-X-PART:" in answer.text:
                break
            await asyncio.sleep(0.01)
    at = time.time()
    async with stage.backends.database.reading() as reader:
        began = await reader.fetch_value("SELECT began_at FROM stream_sessions WHERE stream_id = $1", stream_id)
    return at - float(began.timestamp())


async def live_seconds(url: str) -> float:
    async with httpx.AsyncClient(verify=False) as client:
        text = (await client.get(url)).text
    return sum(map(float, re.findall(r"#EXTINF:([\d.]+),", text)))


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 40
    begin_run()
    try:
        with tempfile.TemporaryDirectory() as state:
            world = make_world(shared_engines(), "bench_glass", 10, Path(state))
            told = uvloop.run(measure(world.settings, seconds))
    finally:
        end_run()
    print(json.dumps({name: round(value, 3) for name, value in told.items()}, indent=1))


if __name__ == "__main__":
    main()
