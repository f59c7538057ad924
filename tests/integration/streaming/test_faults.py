"""One stream's trouble is no matter of the others: faults are put in one place after another while two streams run."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from directfanz.domains.live.models import Stream
from directfanz.domains.live.service import health
from directfanz.processes.streaming.encoding import encoders
from directfanz.processes.streaming.recording.recorder import ABOUT, About
from tests.integration.streaming.conftest import Studio
from tests.support.meanwhile import until
from tests.support.streaming import Encoder, FlvTag, clip, in_pieces, publishes


def broken(*_: object, **__: object) -> Any:
    raise RuntimeError("a fault was put here")


def faults(studio: Studio, victim: Stream) -> dict[str, tuple[object, str]]:
    """Where, and which of its parts fails from then on."""
    channel, house = studio.channel(victim), studio.app.house
    return {
        "looking after it": (house.encoders[victim.id], "tick"),
        "its sound and picture": (channel.source, "take"),
        "its tape": (channel.recorder, "_segment"),
        "its upload": (channel.recorder, "_begin"),
        "its connection's time": (channel.publisher, "tick"),
        "telling figures": (house, "_figures_of"),
        "saying who is here": (house, "_say_seen"),
        "looking for lost servers": (house, "_end_forsaken"),
    }


FAULTS = ("looking after it", "its sound and picture", "its tape", "its upload", "its connection's time", "telling figures",
          "saying who is here", "looking for lost servers")  # fmt: skip


async def on_air(studio: Studio, tags: list[FlvTag]) -> tuple[Stream, Encoder]:
    stream, key = await studio.stream()
    encoder = await publishes(studio.port, key)
    assert encoder.is_accepted
    await encoder.send(tags)
    await until(lambda: studio.channel(stream).is_ready)
    return stream, encoder


@pytest.mark.parametrize("where", FAULTS)
async def test_a_fault_stays_where_it_is(studio: Studio, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = list(in_pieces(clip(8), 2))
    victim, _ = await on_air(studio, pieces[0])
    other, encoder = await on_air(studio, pieces[0])
    tags = pieces[1] + pieces[2] + pieces[3]
    clock, publisher = studio.stage.clock, studio.channel(other).publisher
    assert publisher is not None
    with monkeypatch.context() as patched:
        patched.setattr(*faults(studio, victim)[where], broken)
        for number in range(12):
            await clock.advance(timedelta(seconds=1))
            await encoder.send(tags[number * len(tags) // 12 : (number + 1) * len(tags) // 12])
            await until(lambda: publisher.last_media == clock.monotonic())  # read, before more time passes
        video = studio.channel(other).video
        await until(lambda: (found := video.find(2)) is not None and found.is_done)
        assert (await studio.get(other, "source/2.m4s")).status_code == 200
        assert not [task for task in studio.app.tasks if task.done()]
    third, _ = await on_air(studio, pieces[0])  # and others may still come
    assert third.id != other.id


async def test_what_cannot_be_read_back_keeps_nobody_from_beginning(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = studio.app.house
    stream, _ = await studio.stream()
    folder = house.shelf._folder / stream.id.hex
    folder.mkdir(parents=True)
    about = About(stream_id=stream.id, creator_id=studio.creator_id, is_recorded=True)
    (folder / ABOUT).write_bytes(msgspec.json.encode(about))
    (folder / "source.mp4").mkdir()  # a folder where a file should be
    monkeypatch.setattr(house.shelf, "left", lambda: iter([about]))
    await house.take_over()
    assert stream.id not in house.channels
    assert folder.exists()
    (folder / "source.mp4").rmdir()
    (folder / ABOUT).unlink()


async def test_renditions_that_cannot_keep_up_are_left_out_and_come_back(studio: Studio) -> None:
    """Its encoder is stopped, as a machine without time would."""
    pieces = list(in_pieces(clip(16, gop=30), 2))
    stream, encoder = await on_air(studio, pieces[0] + pieces[1])
    await studio.get(stream, "master.m3u8")
    await encoder.send(pieces[2])
    house, channel = studio.app.house, studio.channel(stream)
    await until(lambda: "144" in channel.tracks and channel.tracks["144"].segments)
    worker = house.encoders[stream.id].picture
    assert worker is not None
    os.kill(worker.pid, signal.SIGSTOP)
    for number in range(3, 8):
        await encoder.send(pieces[number])
    numbers = [segment.number for segment in channel.video.segments]

    async def passes(until_so: Callable[[], bool], seconds: float) -> None:
        async def is_so() -> bool:
            channel.asked_at = studio.stage.clock.monotonic()  # somebody watches all the time
            if channel.publisher is not None:
                channel.publisher.last_media = studio.stage.clock.monotonic()
            await studio.stage.clock.advance(timedelta(seconds=seconds))
            return until_so()

        await until(is_so)

    await passes(lambda: "144" not in channel.tracks, 1)
    assert not worker.pid or house.encoders[stream.id].picture is None

    async def is_told() -> bool:
        found = await health.events(studio.stage.backends.database, stream.id)
        return any(each.code == "stepped_down" for each in found)

    await until(is_told)
    await until(lambda: (found := channel.video.find(6)) is not None and found.is_done)
    assert [segment.number for segment in channel.video.segments][: len(numbers)] == numbers  # the source never noticed
    assert (await studio.get(stream, "source/5.m4s")).status_code == 200
    began = studio.stage.clock.monotonic()
    await passes(lambda: "144" in channel.tracks, 5)
    assert studio.stage.clock.monotonic() - began >= encoders.WELL_SECONDS
    await encoder.stop()
