"""A stream becomes a film: also when its publisher drops, and when its process dies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from directfanz.domains.live.service import recordings
from directfanz.domains.media.service import library
from directfanz.processes.streaming.app import Streaming
from tests.integration.streaming.conftest import Studio
from tests.support.meanwhile import until
from tests.support.streaming import clip, frames_of, in_pieces, publishes


@pytest.mark.property("P17")
async def test_the_recording_is_the_stream(studio: Studio, tmp_path: Path) -> None:
    stream, key = await studio.stream("A walk")
    pieces = list(in_pieces(clip(16, gop=30), 2))
    encoder = await publishes(studio.port, key)
    await encoder.send([tag for piece in pieces[:3] for tag in piece])
    await until(lambda: studio.channel(stream).video.find(2))
    encoder.vanish()
    channel = studio.channel(stream)
    await until(lambda: channel.publisher is None)
    await studio.becomes(stream, "reconnecting")

    # It comes back with a clock of its own, and goes on in the same stream, at the same address.
    encoder = await publishes(studio.port, key)
    assert encoder.is_accepted
    await encoder.send([tag for piece in [pieces[0][:4], *pieces[3:6]] for tag in piece], shift=-4000)
    await until(lambda: studio.channel(stream).video.find(5))
    assert studio.channel(stream) is channel
    playlist = (await studio.get(stream, "source.m3u8")).text
    assert playlist.count("#EXT-X-DISCONTINUITY\n") == 1
    await studio.becomes(stream, "live")

    # The process dies: what it had not finished is cut off, the rest goes on.
    encoder.vanish()
    await until(lambda: channel.publisher is None)
    numbers = [segment.number for segment in channel.video.segments]
    seconds = sum(segment.seconds for segment in channel.video.segments)
    await studio.app.house.shelf.of(stream.id).tapes["source"].settle()  # type: ignore[union-attr]
    folder = Path(studio.stage.backends.settings.state_dir) / "live" / studio.app.house.node / stream.id.hex
    with (folder / "source.mp4").open("ab") as torn:
        torn.write((folder / "source.mp4").read_bytes()[-5000:-2000])
    await studio.app.close()
    again = studio.app = Streaming(studio.app._backends)
    await again.start()
    assert [segment.number for segment in studio.channel(stream).video.segments] == numbers
    encoder = await publishes(studio.port, key)
    assert encoder.is_accepted, encoder.answer
    await encoder.send([tag for piece in [pieces[0][:4], *pieces[6:]] for tag in piece])
    await until(lambda: studio.channel(stream).video.find(numbers[-1] + 2))
    old = await studio.get(stream, "source/0.m4s")
    assert old.status_code == 200
    seconds += 4.0
    await encoder.stop()
    await until(lambda: studio.channel(stream).publisher is None)  # all that was sent has been read

    caller = await studio.stage.caller(studio.ada)
    await studio.end(caller, stream)
    await again.house.shelf.settle()
    found = await recordings.of_stream(studio.stage.backends.database, stream.id)
    assert found is not None
    assert found.state == "adopted"
    assert abs(found.duration_ms / 1000 - seconds) < 0.5
    asset = (await library.by_ids(studio.stage.backends.database, [found.id]))[0]
    assert (asset.state, asset.name) == ("ready", "A walk")
    bucket = studio.stage.backends.storage.bucket("media")
    names = {info.key.rsplit("/", 1)[1] async for info in bucket.walk(found.folder)}
    assert names == {
        "master.m3u8",
        "source.m3u8",
        "audio.m3u8",
        "source.mp4",
        "audio.mp4",
        "poster.jpg",
        "storyboard.jpg",
        "storyboard.vtt",
    }
    film = tmp_path / "film"
    film.mkdir()
    for name in names:
        (film / name).write_bytes(await bucket.get(f"{found.folder}/{name}"))
    told = sum(map(float, re.findall(r"#EXTINF:([\d.]+),", (film / "source.m3u8").read_text())))
    assert abs(told - found.duration_ms / 1000) < 0.1
    assert abs(len(frames_of(film / "source.m3u8")) - told * 30) <= 1
    assert not folder.exists()


async def test_a_stream_whose_publisher_stays_away_is_over(studio: Studio) -> None:
    stream, key = await studio.stream(is_recorded=False)
    encoder = await publishes(studio.port, key)
    await encoder.send(clip(8))
    await studio.becomes(stream, "live")
    await encoder.stop()
    await studio.becomes(stream, "reconnecting")
    left = studio.stage.clock.monotonic()
    await studio.becomes_in_time(stream, "ended")
    assert studio.stage.clock.monotonic() - left > studio.app.house.ingest.grace_seconds
    assert "#EXT-X-ENDLIST" in (await studio.get(stream, "source.m3u8")).text
    refused = await publishes(studio.port, key)
    assert refused.answer == ("NetStream.Publish.BadName", "This stream is over. Make a new one in your live console.")
    refused.vanish()
