"""What people show: name, handle, words, picture; and the directory of those who are here."""

from __future__ import annotations

import asyncio
import io
import secrets

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from directfanz.domains.accounts.errors import HandleTaken
from directfanz.domains.accounts.models import AVATAR_SIZES, HANDLE_KEPT, avatar_key
from directfanz.domains.accounts.service import avatars, profile
from directfanz.domains.accounts.service.profile import ProfileChange
from directfanz.errors import InvalidInput, NotFound, RateLimited, TooLarge, UnsupportedMedia
from tests.support.accounts import Someone, Stage


async def change(stage: Stage, who: Someone, **wanted: object) -> None:
    await profile.change_profile(stage.backends, await stage.caller(who), ProfileChange(**wanted))  # type: ignore[arg-type]


async def test_only_what_is_given_changes(stage: Stage) -> None:
    ada = await stage.joined("ada")
    await change(stage, ada, bio=" I paint.\r\nAnd sing. ", timezone="Europe/Berlin", locale="de")
    user = await profile.profile_of(stage.backends, ada.user_id)
    assert (user.display_name, user.handle, user.bio) == ("Ada", ada.handle, "I paint.\nAnd sing.")
    assert (user.timezone, user.locale, user.theme) == ("Europe/Berlin", "de", "system")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", ""), ("display_name", "x" * 51), ("display_name", "a\u202eb"), ("display_name", "\u200b"),
        ("display_name", "..."), ("handle", "ab"), ("handle", "x" * 31), ("handle", "has space"), ("handle", "_ada"),
        ("handle", "a__b"), ("handle", "admin"), ("handle", "sign_in"), ("handle", "directfanz_help"),
        ("handle", "ad\u0430"), ("handle", "../etc"), ("bio", "x" * 501), ("bio", "a\0b"), ("bio", "\x1b[31m"),
        ("timezone", "Mars/Olympus"), ("timezone", "../../etc/passwd"), ("locale", "xx"),
    ],
)  # fmt: skip
async def test_what_cannot_be_shown_is_refused_by_name(stage: Stage, field: str, value: str) -> None:
    ada = await stage.joined("ada")
    with pytest.raises(InvalidInput) as caught:
        await change(stage, ada, **{field: value})
    assert caught.value.details[0].field == field
    assert caught.value.details[0].problem


async def test_names_of_all_scripts_and_emoji_are_fine(stage: Stage) -> None:
    ada = await stage.joined("ada")
    for name in ("Ådå", "王小明", "محمد", "👩‍👩‍👧 Band", "O'Neill-Smith", "<b>Bo</b>"):
        await change(stage, ada, display_name=name)
        assert (await profile.profile_of(stage.backends, ada.user_id)).display_name == name


async def test_a_handle_given_up_leads_to_its_owner_and_is_nobody_elses(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    old, new = ada.handle, f"{ada.handle}_new"
    await change(stage, ada, handle=new.upper())
    assert (await profile.person_called(stage.backends.database, f"@{old.upper()}")).handle == new
    with pytest.raises(HandleTaken):
        await change(stage, cy, handle=old)
    late = stage.someone("late")
    late.handle = old
    with pytest.raises(HandleTaken):
        await stage.sign_up(late)
    await change(stage, ada, handle=old)
    await change(stage, ada, handle=new)
    await stage.clock.advance(HANDLE_KEPT)
    await stage.sign_in(cy)
    await change(stage, cy, handle=old)
    assert (await profile.person_called(stage.backends.database, old)).id == cy.user_id


async def test_two_people_want_one_handle(stage: Stage) -> None:
    ada, cy, wanted = await stage.joined("ada"), await stage.joined("cy"), stage.someone("wish").handle
    outcomes = await asyncio.gather(
        change(stage, ada, handle=wanted), change(stage, cy, handle=wanted), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["HandleTaken", "NoneType"]


async def test_handles_do_not_change_all_day(stage: Stage) -> None:
    ada = await stage.joined("ada")
    for i in range(3):
        await change(stage, ada, handle=f"{ada.handle}_{i}")
    with pytest.raises(RateLimited):
        await change(stage, ada, handle=f"{ada.handle}_9")


async def test_the_directory_shows_the_newest_who_want_to_be_found(stage: Stage) -> None:
    ada, cy, ben = [await stage.joined(name) for name in ("ada", "cy", "ben")]
    waiting = await stage.asked_to_join("waiting")
    await change(stage, cy, listed=False)
    newest = await profile.newest_people(stage.backends.database, None, 50)
    handles = [person.handle for person in newest]
    assert handles.index(ben.handle) < handles.index(ada.handle)
    assert cy.handle not in handles
    assert waiting.handle not in handles
    older = await profile.newest_people(stage.backends.database, newest[0].id, 50)
    assert older == (await profile.newest_people(stage.backends.database, None, 51))[1:51]
    assert not hasattr(newest[0], "email")
    assert (await profile.person_called(stage.backends.database, cy.handle)).id == cy.user_id


@pytest.mark.parametrize("handle", ["", "nobody_at_all", "%", "x" * 5000, "' OR 1=1", "@"])
async def test_nobody_of_that_name(stage: Stage, handle: str) -> None:
    with pytest.raises(NotFound):
        await profile.person_called(stage.backends.database, handle)


def picture(
    size: tuple[int, int] = (300, 200), kind: str = "PNG", colour: tuple[int, int, int] = (200, 30, 90), **more: object
) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


async def show(stage: Stage, who: Someone, data: bytes) -> str:
    return await avatars.set_avatar(stage.backends, await stage.caller(who), data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_picture_is_drawn_anew_in_every_size(stage: Stage, kind: str) -> None:
    ada = await stage.joined("ada")
    avatar = await show(stage, ada, picture(kind=kind))
    bucket = stage.backends.storage.bucket("public")
    for size in AVATAR_SIZES:
        kept = await bucket.get(avatar_key(avatar, size))
        with Image.open(io.BytesIO(kept)) as drawn:
            assert (drawn.format, drawn.size) == ("WEBP", (size, size))
    assert (await stage.caller(ada)).avatar == f"/public/avatars/{avatar}/128.webp"


async def test_nothing_hidden_in_the_upload_gets_out(stage: Stage) -> None:
    ada = await stage.joined("ada")
    notes = PngInfo()
    notes.add_text("Comment", "taken at home, 12 Secret Street")
    exif = Image.Exif()
    exif[0x010E] = "12 Secret Street"
    avatar = await show(stage, ada, picture(pnginfo=notes, exif=exif) + b"<script>12 Secret Street</script>")
    for size in AVATAR_SIZES:
        kept = await stage.backends.storage.bucket("public").get(avatar_key(avatar, size))
        assert b"Secret" not in kept
        assert b"EXIF" not in kept


async def test_a_picture_lying_on_its_side_is_put_upright(stage: Stage) -> None:
    image = Image.new("RGB", (100, 100), "red")
    image.paste("blue", (0, 0, 100, 50))
    exif = Image.Exif()
    exif[0x0112] = 3
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95)
    drawn = avatars.redrawn(out.getvalue())
    with Image.open(io.BytesIO(drawn[64])) as upright:
        red, _, blue = upright.convert("RGB").getpixel((32, 5))[:3]  # type: ignore[index]
    assert red > blue


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, picture()[:-40][:60], b"<svg xmlns='http://www.w3.org/2000/svg'/>",
     b"%PDF-1.7", picture(kind="BMP"), picture(kind="TIFF"), picture(kind="JPEG")[:200]],
)  # fmt: skip
async def test_what_is_no_picture_is_refused(stage: Stage, data: bytes) -> None:
    ada = await stage.joined("ada")
    with pytest.raises(UnsupportedMedia):
        await show(stage, ada, data)


@pytest.mark.parametrize("side", [5_000, 20_000])
async def test_a_small_file_that_unfolds_to_gigabytes_is_refused(stage: Stage, side: int) -> None:
    ada = await stage.joined("ada")
    header = Image.new("1", (side, side))
    out = io.BytesIO()
    header.save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    with pytest.raises((InvalidInput, UnsupportedMedia)):
        await show(stage, ada, out.getvalue())


async def test_too_many_bytes_and_too_few_pixels(stage: Stage) -> None:
    ada = await stage.joined("ada")
    with pytest.raises(TooLarge):
        await show(stage, ada, b"\xff" * (avatars.MAX_BYTES + 1))
    with pytest.raises(InvalidInput):
        await show(stage, ada, picture((31, 400)))


async def test_the_old_picture_goes_away_unless_somebody_shows_it(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    bucket = stage.backends.storage.bucket("public")
    blue, red = picture(colour=(10, 20, secrets.randbelow(200))), picture(colour=(250, secrets.randbelow(200), 20))
    shared = await show(stage, ada, blue)
    assert await show(stage, cy, blue) == shared
    assert await show(stage, ada, red) != shared
    await stage.later(hours=2)
    await stage.work()
    await bucket.head(avatar_key(shared, 64))
    await avatars.remove_avatar(stage.backends, await stage.caller(cy))
    await stage.later(hours=2)
    await stage.work()
    with pytest.raises(NotFound):
        await bucket.head(avatar_key(shared, 64))
    assert (await stage.caller(cy)).avatar is None
