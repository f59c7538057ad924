"""Enhanced RTMP: H.265, AV1 and Opus from a real encoder; what comes out decodes, and the sound is AAC."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.streaming.conftest import Studio
from tests.support.meanwhile import until
from tests.support.streaming import PICTURE, TONE, frames_of, made, publishes, tags_of

ENCODERS = {
    "hvc1": ("libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=30:min-keyint=30:bframes=0"),
    "av01": ("libsvtav1", "-preset", "13", "-g", "30", "-svtav1-params", "pred-struct=1"),
}


@pytest.mark.parametrize("fourcc", ["hvc1", "av01"])
async def test_what_enhanced_rtmp_brings_is_packaged(studio: Studio, fourcc: str, tmp_path: Path) -> None:
    path = made(f"{fourcc}.flv", "-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", TONE, "-t", "5", "-c:v",
                *ENCODERS[fourcc], "-pix_fmt", "yuv420p", "-c:a", "libopus", "-b:a", "64k", "-ac", "2", "-f", "flv")  # fmt: skip
    stream, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    await encoder.send(tags_of(path))
    channel = studio.channel(stream)
    await until(lambda: channel.video.find(1) and channel.video.find(1).is_done)  # type: ignore[union-attr]
    await until(lambda: channel.audio.segments)
    master = (await studio.get(stream, "master.m3u8")).text
    assert f'CODECS="{fourcc}.' in master
    assert "mp4a.40.2" in master
    assert "RESOLUTION=320x180" in master
    film = tmp_path / "film.mp4"
    whole = (await studio.get(stream, "source/init-0.mp4")).content
    for number in range(2):
        whole += (await studio.get(stream, f"source/{number}.m4s")).content
    film.write_bytes(whole)
    assert len(frames_of(film)) == 120
