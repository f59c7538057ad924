"""The lower renditions: aligned with the source, encoded only while somebody watches, alive again when they die."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from directfanz.domains.live.models import Stream
from tests.integration.streaming.conftest import Studio
from tests.support.meanwhile import until
from tests.support.streaming import clip, frames_of, in_pieces, publishes


async def film_of(studio: Studio, stream: Stream, track: str, numbers: range, folder: Path) -> Path:
    whole = (await studio.get(stream, f"{track}/init-0.mp4")).content
    for number in numbers:
        answer = await studio.get(stream, f"{track}/{number}.m4s")
        assert answer.status_code == 200, (track, number)
        whole += answer.content
    film = folder / f"{track}.mp4"
    film.write_bytes(whole)
    return film


@pytest.mark.property("P15")
async def test_renditions_are_cut_at_the_same_moments_and_survive_their_encoder(studio: Studio, tmp_path: Path) -> None:
    stream, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    pieces = list(in_pieces(clip(16, gop=30), 2))
    await encoder.send([tag for piece in pieces[:2] for tag in piece])
    await until(lambda: studio.channel(stream).is_ready)
    house = studio.app.house
    assert house.encoders[stream.id].picture is None  # nobody watches

    master = (await studio.get(stream, "master.m3u8")).text
    assert "RESOLUTION=256x144" in master
    assert master.index("source.m3u8") < master.index("144.m3u8")
    await encoder.send(pieces[2] + pieces[3] + pieces[4])
    await until(lambda: studio.channel(stream).tracks["144"].segments)
    worker = house.encoders[stream.id].picture
    assert worker is not None
    await until(lambda: studio.channel(stream).tracks["144"].find(3))
    os.kill(worker.pid, signal.SIGKILL)
    await until(lambda: worker.restarts == 1)
    await encoder.send(pieces[5] + pieces[6] + pieces[7])

    channel = studio.channel(stream)
    rung, source = channel.tracks["144"], channel.video
    await until(lambda: rung.find(6) and rung.find(6).is_done)  # type: ignore[union-attr]
    first = rung.segments[0].number
    for number in range(first, 7):
        mine, theirs = rung.find(number), source.find(number)
        if mine is None or theirs is None:
            continue
        assert not mine.is_gap
        assert abs(mine.time / rung.timescale - theirs.time / source.timescale) < 0.02
        assert abs(mine.seconds - theirs.seconds) < 0.04
    numbers = range(max(first, source.segments[0].number, rung.segments[0].number), 7)
    film = await film_of(studio, stream, "144", numbers, tmp_path)
    assert len(frames_of(film)) == 60 * len(numbers)  # not one is missing, none twice
    dash = (await studio.get(stream, "manifest.mpd")).text
    assert 'id="144"' in dash
    await encoder.stop()
