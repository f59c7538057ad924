"""A real player: hls.js in Chromium shows a stream at low latency, while its encoder dies, its publisher drops and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
from pathlib import Path

import pytest
from playwright.async_api import Route, async_playwright

from tests.integration.streaming.conftest import Studio
from tests.support.browser import EXECUTABLE, FLAGS
from tests.support.meanwhile import until
from tests.support.streaming import Encoder, FlvTag, clip, publishes

HLS = Path(__file__).parents[3] / "frontend" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
PAGE = """<!doctype html><meta charset=utf-8><video id=v muted playsinline></video><script src="hls.js"></script><script>
const seen = window.seen = {fatal: [], frames: 0, levels: 0, low: false};
const hls = window.hls = new Hls({lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.3, liveSyncDuration: 1.6, startLevel: 1});
hls.on(Hls.Events.ERROR, (_, e) => { if (e.fatal) { seen.fatal.push(e.details); } });
hls.on(Hls.Events.MANIFEST_PARSED, (_, m) => { seen.levels = m.levels.length; v.play(); });
hls.on(Hls.Events.LEVEL_LOADED, (_, l) => { seen.low = l.details.canBlockReload && l.details.partTarget > 0; });
const frame = () => { seen.frames++; v.requestVideoFrameCallback(frame); };
v.requestVideoFrameCallback(frame);
hls.loadSource('master.m3u8'); hls.attachMedia(v);
</script>"""


async def in_real_time(encoder: Encoder, tags: list[FlvTag]) -> None:
    """Over and over, until it is cancelled."""
    loop = asyncio.get_running_loop()
    for turn in itertools.count():
        began = loop.time()
        for tag in tags[4 if turn else 0 :]:
            ahead = began + tag.time / 1000 - loop.time()
            if ahead > 0.02:
                await asyncio.sleep(ahead)
            await encoder.send([tag], shift=turn * 16_000)


@pytest.mark.skipif(not Path(EXECUTABLE).exists(), reason="needs Chromium")
@pytest.mark.skipif(not HLS.exists(), reason="needs the front end's packages")
async def test_a_browser_shows_it_through_every_accident(studio: Studio) -> None:
    stream, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    tags = clip(16, gop=30)
    sending = asyncio.create_task(in_real_time(encoder, tags))
    await until(lambda: studio.channel(stream).is_ready)

    async def packed(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        kind = "text/html" if name == "player.html" else "text/javascript"
        await route.fulfill(body=PAGE if name == "player.html" else HLS.read_text(), content_type=kind)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS)
        page = await browser.new_page()
        await page.route("**/player.html", packed)
        await page.route("**/hls.js", packed)
        await page.goto(f"{studio.base}/live/{stream.id.hex}/player.html")
        await page.wait_for_function("seen.frames > 10", timeout=60_000)
        seen = await page.evaluate("seen")
        assert seen["levels"] == 2
        assert seen["low"]

        worker = studio.app.house.encoders[stream.id].picture
        assert worker is not None
        await until(lambda: worker.pid)
        os.kill(worker.pid, signal.SIGKILL)
        sending.cancel()
        encoder.vanish()
        await until(lambda: studio.channel(stream).publisher is None)
        encoder = await publishes(studio.port, key)
        assert encoder.is_accepted, encoder.answer
        before = (await page.evaluate("seen"))["frames"]
        sending = asyncio.create_task(in_real_time(encoder, tags))
        await page.wait_for_function(f"seen.frames > {before + 30}", timeout=60_000)
        assert (await page.evaluate("seen"))["fatal"] == []
        sending.cancel()
        await browser.close()
    with contextlib.suppress(asyncio.CancelledError):
        await sending
