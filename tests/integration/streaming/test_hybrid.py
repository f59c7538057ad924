"""`hybrid`: whole segments are in the store while the stream goes on, are read from there, and are gone after it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import msgspec

from directfanz.backends.live import Lives
from tests.integration.streaming.conftest import Studio
from tests.support.meanwhile import until
from tests.support.streaming import clip, publishes


async def test_segments_are_in_the_store(studio: Studio) -> None:
    ours = studio.stage.backends
    rules = msgspec.structs.replace(ours.platform.live, offered=("hybrid",))
    platform = msgspec.structs.replace(ours.platform, live=rules)
    studio.stage.backends = dataclasses.replace(
        ours, live=Lives(ours.settings, platform, ours.clock, ours.cache, ours.secrets)
    )
    try:
        stream, key = await studio.stream("From the store", backend="hybrid", is_recorded=False)
    finally:
        studio.stage.backends = ours
    encoder = await publishes(studio.port, key)
    await encoder.send(clip(8))
    video = studio.channel(stream).video
    await until(lambda: all((found := video.find(number)) and found.is_stored for number in range(3)))
    shown = (await studio.get(stream, "source/1.m4s")).content
    oldest = video.find(1)
    assert oldest is not None
    oldest.parts, oldest.place = [], None  # as after a while, on a machine without a disk
    assert (await studio.get(stream, "source/1.m4s")).content == shown
    bucket = ours.storage.bucket("media")
    folder = f"live/{stream.id.hex}/"
    names = {found.key.removeprefix(folder) async for found in bucket.walk(folder)}
    assert {"source/0.m4s", "source/1.m4s", "source/2.m4s", "audio/1.m4s"} <= names
    await encoder.stop()
    await studio.becomes(stream, "reconnecting")
    await studio.becomes_in_time(stream, "ended")

    async def nothing_is_left() -> bool:
        await studio.stage.clock.advance(timedelta(seconds=5))
        return not [found async for found in bucket.walk(folder)]

    await until(nothing_is_left)
