"""What is made of films, sounds, pictures and documents, with the real programs."""

from __future__ import annotations

import io
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from PIL import Image

from directfanz.backends.transcoder.ffmpeg.program import Ffmpeg
from directfanz.backends.transcoder.workshop import Workshop
from directfanz.domains.creators.models import Creator
from directfanz.domains.media.service import library, subtitles
from tests.support.accounts import Someone, Stage
from tests.support.bad_media import jpeg, pdf, zip_bomb
from tests.support.creators import page_of
from tests.support.films import film
from tests.support.hls import read_film
from tests.support.processing import body_of, small, waiting, worked_on

pytestmark = pytest.mark.requirement("U5")


@pytest.fixture(scope="module")
async def ada(stage: Stage) -> Someone:
    return await stage.joined("ada")


@pytest.fixture(scope="module")
async def page(stage: Stage, ada: Someone) -> Creator:
    return await page_of(stage, ada)


async def test_a_film(stage: Stage, ada: Someone, page: Creator) -> None:
    backends = small(stage.backends)
    asset = await waiting(stage, ada, page, "video", film("plain.mp4"))
    ready, made = await worked_on(backends, asset.id)
    assert (ready.state, ready.reason) == ("ready", None)
    assert ready.facts["duration_ms"] == pytest.approx(9000, abs=100)
    assert (ready.facts["width"], ready.facts["height"], ready.facts["sound"]) == (320, 180, True)
    roles = {each.role for each in made}
    assert roles == {"playlist", "video", "audio", "poster", "storyboard"}
    bucket = backends.storage.bucket("media")
    played = await read_film(bucket, f"{asset.views}/1")
    assert len(played.pictures) > 1
    there = {item.key.removeprefix(f"{asset.views}/1/") async for item in bucket.walk(f"{asset.views}/1")}
    assert {each.path for each in made} <= there
    assert not [key for key in there if key.startswith("work/")]
    index = (await body_of(backends, ready, next(each for each in made if each.name == "storyboard.vtt"))).decode()
    assert index.count("-->") == 5
    assert "storyboard-001.jpg#xywh=0,0,160,90" in index
    poster = next(each for each in made if each.path == "poster-320.webp")
    with Image.open(io.BytesIO(await body_of(backends, ready, poster))) as picture:
        assert picture.size == (320, 180)
        assert max(picture.convert("L").tobytes()) > 60  # not a black one


async def test_a_sound_comes_out_at_one_loudness(stage: Stage, ada: Someone, page: Creator, tmp_path: Path) -> None:
    backends = small(stage.backends)
    asset = await waiting(stage, ada, page, "audio", film("quiet.wav"))
    ready, made = await worked_on(backends, asset.id)
    assert ready.state == "ready"
    assert ready.facts["loudness_before"] < -40
    assert {each.path for each in made} == {"audio.m4a", "audio.opus", "waveform.json"}
    shop = Workshop(backends.platform.processing)
    for each in made:
        if each.role != "audio":
            continue
        path = tmp_path / each.path
        path.write_bytes(await body_of(backends, ready, each))
        heard = await shop.sounds.listen(path, await shop.films.look(path), lambda _: None)
        assert float(heard.measured.input_i) == pytest.approx(-16, abs=1)
    wave = msgspec.json.decode(await body_of(backends, ready, next(each for each in made if each.role == "waveform")))
    assert 100 <= len(wave) <= 800
    assert max(wave) == 100


async def test_a_photo_keeps_its_picture_and_nothing_else(stage: Stage, ada: Someone, page: Creator) -> None:
    """Turned by its EXIF, with the place where it was taken, and an archive behind it."""
    backends = small(stage.backends)
    out = io.BytesIO()
    picture = Image.new("RGB", (400, 200), (250, 10, 10))
    picture.paste((10, 10, 250), (0, 0, 200, 200))
    exif = picture.getexif()
    exif[0x0112] = 6  # a quarter to the right
    exif[0x010F] = "Camera of Ada"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    picture.save(out, "JPEG", exif=exif, quality=95)
    asset = await waiting(stage, ada, page, "image", out.getvalue() + zip_bomb())
    ready, made = await worked_on(backends, asset.id)
    assert ready.state == "ready"
    assert (ready.facts["width"], ready.facts["height"]) == (200, 400)
    assert {each.mime for each in made} == {"image/avif", "image/webp"}
    assert max(each.height or 0 for each in made) == 320
    for each in made:
        body = await body_of(backends, ready, each)
        assert b"Camera of Ada" not in body
        assert b"PK\x03\x04" not in body
        with Image.open(io.BytesIO(body)) as drawn:
            assert not dict(drawn.getexif())
            assert not drawn.info.get("icc_profile")
            assert drawn.size == (each.width, each.height)
            top, bottom = drawn.convert("RGB").getpixel((10, 4)), drawn.convert("RGB").getpixel((10, drawn.height - 5))
            assert isinstance(top, tuple)
            assert isinstance(bottom, tuple)
            assert top[2] > 150 > top[0]  # the blue half is on top now
            assert bottom[0] > 150 > bottom[2]


async def test_a_locked_preview_tells_colours_only(stage: Stage, ada: Someone, page: Creator) -> None:
    ready, _ = await worked_on(small(stage.backends), (await waiting(stage, ada, page, "image", jpeg())).id)
    preview = ready.facts["preview"]
    assert preview["columns"] * preview["rows"] <= 25
    assert len(preview["colours"]) == preview["columns"] * preview["rows"] * 6


async def test_a_picture_that_moves_goes_on_moving(stage: Stage, ada: Someone, page: Creator) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (90, 60), (20 * number, 0, 0)) for number in range(6)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
    backends = small(stage.backends)
    ready, made = await worked_on(backends, (await waiting(stage, ada, page, "image", out.getvalue())).id)
    assert ready.facts["frames"] == 6
    moving = next(each for each in made if each.path == "moving.webp")
    with Image.open(io.BytesIO(await body_of(backends, ready, moving))) as picture:
        assert getattr(picture, "n_frames", 1) == 6


async def test_a_document_shows_its_pages(stage: Stage, ada: Someone, page: Creator) -> None:
    backends = small(stage.backends, pages_shown=2)
    ready, made = await worked_on(backends, (await waiting(stage, ada, page, "document", pdf(3))).id)
    assert (ready.state, ready.facts["pages"], ready.facts["pages_shown"]) == ("ready", 3, 2)
    assert sorted(each.path for each in made if each.role == "image") == ["page-0001.webp", "page-0002.webp"]
    text = await waiting(stage, ada, page, "document", b"Hello", mime="text/plain")
    assert (await worked_on(backends, text.id))[0].state == "ready"


async def test_a_film_without_a_picture_is_a_sound(stage: Stage, ada: Someone, page: Creator) -> None:
    ready, made = await worked_on(
        small(stage.backends), (await waiting(stage, ada, page, "video", film("song.mp3"))).id
    )
    assert (ready.state, ready.kind) == ("ready", "audio")
    assert {each.role for each in made} == {"audio", "waveform"}


async def test_subtitles_come_with_the_film_and_from_the_team(
    stage: Stage, ada: Someone, page: Creator, tmp_path: Path
) -> None:
    backends = small(stage.backends)
    asset = await waiting(stage, ada, page, "video", film("subtitled.mkv"))
    await worked_on(backends, asset.id)
    (found,) = await library.captions_of(backends.database, asset.id)
    assert (found.language, found.label) == ("de", "Deutsch")
    bucket = backends.storage.bucket("media")
    assert "Guten Tag" in (await bucket.get(f"{asset.views}/{found.path}")).decode()
    caller = await stage.caller(ada)
    srt = b"1\n00:00:01,000 --> 00:00:02,000\n<script>x</script>Hello <i>there</i>\n"
    given = await subtitles.put(backends, caller, asset.id, "en", "captions", srt)
    text = (await bucket.get(f"{asset.views}/{given.path}")).decode()
    assert "00:00:01.000 --> 00:00:02.000" in text
    assert "<i>there</i>" in text
    assert "<script" not in text
    await subtitles.remove(backends, caller, asset.id, "en", "captions")
    assert len(await library.captions_of(backends.database, asset.id)) == 1


async def test_words_in_a_file_are_no_facts(stage: Stage) -> None:
    """A title that looks like what ffmpeg says of a stream."""
    facts = await Ffmpeg(stage.backends.platform.processing).look(film("titled.mkv"))
    assert facts.picture is not None
    assert (facts.picture.width, facts.picture.height) == (320, 180)


async def test_there_is_nothing_to_do_for_what_is_not_there(stage: Stage) -> None:
    from directfanz.domains.media.processing.working import process

    await process(stage.backends, uuid4())
