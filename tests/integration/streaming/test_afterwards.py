"""What is made of a stream: markers that become chapters, clips, the post, and the replay beside its chat."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from directfanz.backends import Backends
from directfanz.backends.cdn.signed import SignedLinks
from directfanz.domains.content.service import reading
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant
from directfanz.domains.live.errors import NotForClips, NotRecorded, StreamLocked
from directfanz.domains.live.models import Clip, Rules
from directfanz.domains.live.service import clipping, marking, publishing, recordings, replaying, rules
from directfanz.domains.live.service.clipping import Wish
from directfanz.domains.live.service.publishing import Publication
from directfanz.domains.media.service import library
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.local.media_key import public_media_keys
from directfanz.local.state import State
from tests.integration.streaming.conftest import Studio
from tests.support.chats import says
from tests.support.meanwhile import until
from tests.support.streaming import clip, frames_of, publishes


@pytest.fixture(autouse=True)
def signs(studio: Studio) -> None:
    """The ways to films and streams."""
    public_media_keys(State(Path(studio.stage.backends.settings.state_dir)))


async def made(backends: Backends, asked: Clip) -> Clip:
    await clipping._cut(backends, clipping.Cut(asked.id))
    return (await clipping.find(backends, Caller(), asked.id))[0]


async def test_from_the_evening_to_the_film(studio: Studio, tmp_path: Path) -> None:
    stage, backends = studio.stage, studio.stage.backends
    stream, key = await studio.stream("A walk")
    ada, ben = await stage.caller(studio.ada), await stage.joined("ben")
    bens = await stage.caller(ben)
    encoder = await publishes(studio.port, key)
    await encoder.send(clip(16, gop=30))
    await until(lambda: studio.channel(stream).video.find(6))
    await studio.becomes(stream, "live")
    await stage.later(seconds=5)
    await says(stage, ben, stream.id, "The sea!")
    marker = await marking.mark(backends, ada, stream.id)
    await marking.rename(backends, ada, stream.id, marker.id, "The sea")

    # A clip while it runs comes by the way that viewers come.
    at_edge = dataclasses.replace(backends, cdn=SignedLinks(studio.base, backends.secrets, backends.clock))
    early = await made(at_edge, await clipping.ask(backends, bens, stream.id, Wish(title="First", seconds=4)))
    assert early.state == "ready", early.problem

    with pytest.raises(NotRecorded, match=r"not recorded|not ready"):
        await publishing.publish(backends, ada, stream.id, Publication(title="Too soon"))
    await encoder.stop()
    await studio.end(ada, stream)
    await studio.app.house.shelf.settle()

    with pytest.raises(NotRecorded):
        await replaying.stretch(backends, bens, stream.id, 0, 60_000)
    wanted = Publication(title="A walk by the sea", access="members", poster_ms=6000)
    post = await publishing.publish(backends, ada, stream.id, wanted)
    assert await publishing.publish(backends, ada, stream.id, wanted) == post  # pressed twice
    _, found = await reading.read(backends, ada, post.id)
    (film,) = found.assets
    recording = await recordings.of_stream(backends.database, stream.id)
    assert recording is not None
    assert film.asset.id == recording.id
    made_of = await library.renditions_of(backends.database, film.asset)
    assert next(each for each in made_of if each.role == "poster").mime == "image/webp"
    (chapters,) = await library.captions_of(backends.database, film.asset.id)
    text = (await backends.storage.bucket("media").get(f"{film.asset.views}/{chapters.path}")).decode()
    assert [line for line in text.splitlines() if line and "-->" not in line] == ["WEBVTT", "Beginning", "The sea"]

    # The replay is for who may see the post, each word at its place.
    with pytest.raises(StreamLocked):
        await replaying.stretch(backends, bens, stream.id, 0, 60_000)
    told = await replaying.stretch(backends, ada, stream.id, 0, 60_000)
    assert "The sea!" in [each.event.body for each in told]
    said = next(each for each in told if each.event.kind == "text")
    assert 3_000 <= said.at_ms <= 8_000
    assert [each.at_ms for each in told] == sorted(each.at_ms for each in told)
    # A ticket for the stream opens what was published of it, until the money is given back.
    fan, bought = await stage.joined("fan"), new_id()
    ticket = Grant(
        user_id=fan.user_id, creator_id=stream.creator_id, source="purchase", source_id=bought, scope="stream",
        object_id=stream.id, starts_at=backends.clock.now(),
    )  # fmt: skip
    async with backends.database.writing() as tx:
        await entitlements.grant(backends, tx, ticket)
    fans = await stage.caller(fan)
    assert len(await replaying.stretch(backends, fans, stream.id, 0, 60_000)) == len(told)
    assert (await reading.read(backends, fans, post.id))[1].open
    async with backends.database.writing() as tx:
        await entitlements.end(backends, tx, "purchase", bought, backends.clock.now(), "refunded")
    with pytest.raises(StreamLocked):
        await replaying.stretch(backends, fans, stream.id, 0, 60_000)
    replay = await replaying.find(backends, ada, stream.id)
    assert replay is not None
    assert replay.playback is not None
    assert replay.playback.playlist
    assert replay.playback.poster
    assert [each.label for each in replay.chapters] == ["Beginning", "The sea"]

    late = await made(backends, await clipping.ask(backends, bens, stream.id, Wish(title="", seconds=5, from_ms=4000)))
    for each, seconds in ((early, 4), (late, 5)):
        folder = tmp_path / each.id.hex
        folder.mkdir()
        bucket = backends.storage.bucket("media")
        async for info in bucket.walk(f"{each.id.hex}/v/1"):
            (folder / info.key.rsplit("/", 1)[1]).write_bytes(await bucket.get(info.key))
        frames = len(frames_of(folder / "master.m3u8"))
        assert seconds * 30 - 1 <= frames <= (seconds + 4.1) * 30
        playback, _ = await clipping.play(backends, Caller(), each.id)  # of a public stream: for everybody
        assert playback.poster


async def test_who_may_cut(studio: Studio) -> None:
    stage, backends = studio.stage, studio.stage.backends
    stream, key = await studio.stream("Short", is_recorded=False)
    ada, ben = await stage.caller(studio.ada), await stage.caller(await stage.joined("ben"))
    encoder = await publishes(studio.port, key)
    await encoder.send(clip(8))
    await studio.becomes(stream, "live")
    await stage.later(seconds=3)
    for who in ("team", "members"):
        await rules.put(backends, ada, studio.creator_id, Rules(clips=who))
        with pytest.raises(NotForClips):
            await clipping.ask(backends, ben, stream.id, Wish(title="Mine", seconds=5))
        await clipping.ask(backends, ada, stream.id, Wish(title="Ours", seconds=5))
    await rules.put(backends, ada, studio.creator_id, Rules(clips="viewers"))
    asked = await clipping.ask(backends, ben, stream.id, Wish(title="Mine", seconds=5))
    await encoder.stop()
    await studio.end(ada, stream)
    gone = await made(backends, asked)  # nothing was kept
    assert (gone.state, gone.problem) == ("failed", "Nothing of that moment is kept any more.")
    with pytest.raises(NotRecorded, match="not recorded"):
        await publishing.publish(backends, ada, stream.id, Publication(title="Nothing"))
