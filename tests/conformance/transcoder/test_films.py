"""What was made of a film, as a player finds it in the bucket."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import msgspec
import pytest

from directfanz.backends.storage.contract import Bucket, Storage
from directfanz.backends.transcoder.contract import BadMedia, Facts, Made, Order, Transcoder
from directfanz.backends.transcoder.ffmpeg.program import Ffmpeg
from directfanz.platform_toml.media import Processing
from tests.conformance.transcoder.conftest import Ordered
from tests.support.films import ffmpeg
from tests.support.hls import Film, fetched, read_film

FRAME = re.compile(r"^0,\s*-?\d+,\s*(-?\d+),")


async def made_of(transcoder: Transcoder, order: Order) -> tuple[Made, list[float]]:
    told: list[float] = []

    async def tell(share: float) -> None:
        told.append(share)

    return await transcoder.transcode(order, tell), told


def aligned(film: Film) -> None:
    """Segment n of every rung begins at the same moment."""
    lengths = [played.lengths for played in film.pictures]
    for others in lengths[1:]:
        assert len(others) == len(lengths[0])
        assert all(abs(one - other) < 0.05 for one, other in zip(lengths[0], others, strict=True))


async def looked(rules: Processing, path: Path) -> Facts:
    return await Ffmpeg(rules).look(path)


def key_frames(path: Path) -> list[float]:
    said = ffmpeg("-i", str(path), "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-")
    base = next(line for line in said.splitlines() if line.startswith("#tb 0: ")).split(" ")[-1].split("/")
    found = [FRAME.match(line) for line in said.splitlines() if "F=0x0" not in line]
    return [int(each[1]) * int(base[0]) / int(base[1]) for each in found if each]


@pytest.fixture
def bucket(storage: Storage) -> Bucket:
    return storage.bucket("media")


@pytest.mark.requirement("U5")
@pytest.mark.parametrize("name", ["plain.mp4", "long-gop.mp4"])
async def test_a_film_becomes_an_aligned_ladder(
    transcoder: Transcoder, ordered: Ordered, bucket: Bucket, rules: Processing, tmp_path: Path, name: str
) -> None:
    order = await ordered(name)
    made, told = await made_of(transcoder, order)
    film = await read_film(bucket, order.target)
    sizes = sorted(tuple(map(int, played.attributes["RESOLUTION"].split("x"))) for played in film.pictures)
    assert sizes == sorted((rung.width, rung.height) for rung in order.rungs)
    assert sizes[-1] == (320, 180)
    aligned(film)
    assert len(film.sounds) == 1
    assert made.seconds == pytest.approx(9, abs=0.1)
    assert told == sorted(told)
    assert told[-1] == 1
    for number, played in enumerate(film.pictures):
        path = await fetched(bucket, order.target, played, tmp_path / f"{number}.mp4")
        facts = await looked(rules, path)
        assert facts.picture is not None
        assert (facts.picture.codec, facts.picture.bits, facts.picture.subsampling) == ("h264", 8, "420")
        starts = [sum(played.lengths[:at]) for at in range(len(played.lengths))]
        keys = key_frames(path)
        assert all(any(abs(start - key) < 0.05 for key in keys) for start in starts)
    sound = await fetched(bucket, order.target, film.sounds[0], tmp_path / "sound.mp4")
    heard = (await looked(rules, sound)).sound
    assert heard is not None
    assert (heard.codec, heard.channels) == ("aac", 2)
    assert {rendition.role for rendition in made.renditions} == {"playlist", "video", "audio"}
    assert all(rendition.bytes for rendition in made.renditions if rendition.role != "playlist")


async def test_a_hard_one_comes_out_upright_and_for_every_screen(
    transcoder: Transcoder, ordered: Ordered, bucket: Bucket, rules: Processing, tmp_path: Path
) -> None:
    """Turned, HDR in ten bits, odd sizes, frames that come irregularly, six channels."""
    order = await ordered("hard.mp4")
    await made_of(transcoder, order)
    film = await read_film(bucket, order.target)
    aligned(film)
    for number, played in enumerate(film.pictures):
        picture = (await looked(rules, await fetched(bucket, order.target, played, tmp_path / f"{number}.mp4"))).picture
        assert picture is not None
        assert picture.width < picture.height
        assert not picture.turned
        assert not picture.stretched
        assert (picture.bits, picture.subsampling, picture.transfer) == (8, "420", "")
        assert abs(picture.width / picture.height - 181 / 321) < 0.03
        assert picture.width <= 182
    heard = (await looked(rules, await fetched(bucket, order.target, film.sounds[0], tmp_path / "s.mp4"))).sound
    assert heard is not None
    assert heard.channels == 2


async def test_a_film_may_be_silent_and_slow(transcoder: Transcoder, ordered: Ordered, bucket: Bucket) -> None:
    order = await ordered("silent.webm")
    made, _ = await made_of(transcoder, order)
    film = await read_film(bucket, order.target)
    assert film.sounds == []
    aligned(film)
    assert made.seconds == pytest.approx(6, abs=1)


async def test_an_order_given_twice_has_one_result(transcoder: Transcoder, ordered: Ordered, bucket: Bucket) -> None:
    order = await ordered("long-gop.mp4")
    first, _ = await made_of(transcoder, order)
    keys = {item.key async for item in bucket.walk(order.target)}
    again, _ = await made_of(transcoder, order)
    assert {item.key async for item in bucket.walk(order.target)} == keys
    assert [r.path for r in again.renditions] == [r.path for r in first.renditions]
    assert not [key for key in keys if "/work/" in key]


async def test_a_worker_that_went_away_is_followed_by_another(
    transcoder: Transcoder, ordered: Ordered, bucket: Bucket
) -> None:
    order = await ordered("long-gop.mp4")
    begun = asyncio.Event()

    async def tell(_: float) -> None:
        begun.set()

    task = asyncio.create_task(transcoder.transcode(order, tell))
    await asyncio.wait_for(begun.wait(), 60)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    made, _ = await made_of(transcoder, order)
    assert made.seconds == pytest.approx(9, abs=0.1)
    aligned(await read_film(bucket, order.target))


async def test_given_up_is_given_up(transcoder: Transcoder, ordered: Ordered, bucket: Bucket) -> None:
    order = await ordered("long-gop.mp4")
    begun = asyncio.Event()

    async def tell(_: float) -> None:
        begun.set()

    task = asyncio.create_task(transcoder.transcode(order, tell))
    await asyncio.wait_for(begun.wait(), 60)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await transcoder.cancel(order)
    await transcoder.cancel(order)
    assert not [item.key async for item in bucket.walk(f"{order.target}/work")]
    assert not [item.key async for item in bucket.walk(order.target) if item.key.endswith("index.m3u8")]


async def test_a_broken_file_is_to_blame_itself(transcoder: Transcoder, ordered: Ordered, storage: Storage) -> None:
    order = await ordered("plain.mp4")
    await storage.bucket("uploads").put(order.source, b"\0\0\0\x18ftypmp42" + bytes(40_000))
    broken = msgspec.structs.replace(order, token=f"{order.token}-broken")
    with pytest.raises(BadMedia) as refused:
        await made_of(transcoder, broken)
    assert refused.value.reason
    assert refused.value.message.endswith(".")
