from __future__ import annotations

from typing import Any

import msgspec

from directfanz.backends.transcoder import contract
from directfanz.backends.transcoder.contract import BadMedia, Facts, Order
from directfanz.backends.transcoder.ffmpeg.program import Packets
from directfanz.backends.transcoder.ladder import rungs_for
from directfanz.domains.media.models import MEDIA, Rendition
from directfanz.domains.media.processing import sounds
from directfanz.domains.media.processing.bench import Bench, Outcome
from directfanz.domains.media.processing.pictures import stored
from directfanz.domains.media.repository import processing

SIDE_MAX = 8192
PICTURES = "film-pictures"  # the name under which that part of the work is kept


class Beside(msgspec.Struct, frozen=True):
    """What was made beside the ladder."""

    renditions: list[Rendition]
    facts: dict[str, Any]
    subtitles: list[tuple[str, str]]


async def work(bench: Bench) -> Outcome:
    bench.lease.at("fetching", 0, 0.05)
    source = await bench.fetched()
    bench.lease.at("looking", 0.05, 0.08)
    facts = await bench.workshop.films.look(source)
    if facts.picture is None:
        return await _only_sound(bench, facts)
    _require_size(facts)
    packets = await bench.workshop.films.packets(source)
    sounds.require_length(bench, packets.end)
    bench.lease.at("pictures", 0.08, 0.2)
    beside = await _beside(bench, facts, packets)
    bench.lease.at("film", 0.2, 0.98)
    made = await bench.backends.transcoder.transcode(order_of(bench, facts, packets), _teller(bench))
    ladder = [_rendition(each) for each in made.renditions]
    told = {**_told(facts), "duration_ms": round(made.seconds * 1000), **beside.facts}
    return Outcome(facts=told, renditions=[*ladder, *beside.renditions], subtitles=beside.subtitles)


def order_of(bench: Bench, facts: Facts, packets: Packets) -> Order:
    asset = bench.asset
    assert asset.original is not None
    return Order(
        token=f"{asset.id.hex}-{asset.version}",
        bucket=MEDIA,
        source=asset.original,
        target_bucket=MEDIA,
        target=bench.target,
        facts=facts,
        rungs=rungs_for(facts, bench.rules, packets.longest_gop),
        local_source=str(bench.folder / "source"),
    )


async def _only_sound(bench: Bench, facts: Facts) -> Outcome:
    """A container of films without a picture in it."""
    if facts.sound is None:
        raise BadMedia("empty", "There is neither picture nor sound in this file.")
    async with bench.backends.database.writing() as tx:
        await processing.call_it(tx, bench.asset.id, "audio", bench.backends.clock.now())
    return await sounds.made_of(bench, facts)


def _require_size(facts: Facts) -> None:
    picture = facts.picture
    if picture and max(picture.width, picture.height) > SIDE_MAX:
        raise BadMedia(
            "too_large", f"This film is {picture.width} x {picture.height}. We take up to {SIDE_MAX} points a side."
        )
    if picture and min(picture.width, picture.height) < 2:
        raise BadMedia("too_small", "There is nothing to be seen in this film: it is one point wide.")


async def _beside(bench: Bench, facts: Facts, packets: Packets) -> Beside:
    if kept := bench.lease.kept(PICTURES):
        return msgspec.convert(kept, Beside)
    films, source, folder = bench.workshop.films, bench.folder / "source", bench.folder
    poster = await films.poster(source, facts, packets.end, folder)
    bench.lease.share(0.3)
    board = await films.storyboard(source, facts, packets, folder)
    bench.lease.share(0.8)
    subtitles = await films.subtitles(source, facts, folder)
    renditions = await stored(bench, poster, "poster")
    renditions += await bench.store(
        [
            (board.index, "storyboard", board.width, board.height),
            *((sheet, "storyboard", None, None) for sheet in board.sheets),
        ]
    )
    made = Beside(renditions, {"preview": msgspec.to_builtins(poster.preview)}, subtitles)
    await bench.lease.keep(PICTURES, msgspec.to_builtins(made))
    return made


def _teller(bench: Bench) -> contract.Tell:
    async def tell(share: float) -> None:
        bench.lease.share(share)

    return tell


def _told(facts: Facts) -> dict[str, Any]:
    picture = facts.picture
    assert picture is not None
    return {
        "width": picture.width,
        "height": picture.height,
        "frames_per_second": picture.frames_per_second,
        "codec": picture.codec,
        "hdr": facts.is_hdr,
        "sound": facts.sound is not None,
    }


def _rendition(made: contract.Rendition) -> Rendition:
    return Rendition(
        name=made.name, role=made.role, path=made.path, mime=made.mime, width=made.width, height=made.height,
        bitrate=made.bits_per_second, bytes=made.bytes or 0,
    )  # fmt: skip
