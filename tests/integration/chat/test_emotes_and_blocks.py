"""Pictures of a creator's own in what is said, and people who are kept apart."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from directfanz.domains.chat.errors import TooManyEmotes
from directfanz.domains.chat.service import emotes, entering, reading
from directfanz.domains.community.service import blocks
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant
from directfanz.errors import Forbidden, InvalidInput, UnsupportedMedia
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.accounts import Stage
from tests.support.chats import room_of, says
from tests.support.creators import page_of


def a_picture(colour: str = "blue") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    return out.getvalue()


async def test_emotes_are_settled_when_they_are_said(stage: Stage) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    page, adas = await page_of(stage, ada), await stage.caller(ada)
    room = await room_of(stage, page)
    wave = await emotes.put(stage.backends, adas, page.id, "wave", a_picture(), None)
    gold = await emotes.put(stage.backends, adas, page.id, "gold", a_picture("gold"), 2)
    grant = Grant(
        user_id=ben.user_id, creator_id=page.id, source="membership", source_id=new_id(), rank=2, scope="tier",
        starts_at=stage.backends.clock.now(),
    )  # fmt: skip
    async with stage.backends.database.writing() as tx:
        await entitlements.grant(stage.backends, tx, grant)
    for who in (ben, cy):
        await says(stage, who, room, "hi :wave: :gold: :nobody: <img src=x>")
    bens, cys = await reading.since(stage.backends, room, 0)
    assert bens.facts == {"emotes": {"wave": wave.name, "gold": gold.name}}
    assert cys.facts == {"emotes": {"wave": wave.name}}
    assert [e.code for e in await emotes.usable(stage.backends, cy.user_id, page.id, is_team=False)] == ["wave"]
    stored = await stage.backends.storage.bucket("public").get(f"emotes/{wave.name}/56.webp")
    with Image.open(io.BytesIO(stored)) as drawn:
        assert (drawn.format, drawn.size) == ("WEBP", (56, 56))
    await emotes.remove(stage.backends, adas, page.id, "wave")
    await says(stage, cy, room, ":wave: again")
    assert (await reading.since(stage.backends, room, 2))[0].facts == {}


async def test_bad_emotes_are_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    page, adas = await page_of(stage, ada), await stage.caller(ada)
    for code in ("A", "x", "UPPER", "a b", "../etc", "a" * 25):
        with pytest.raises(InvalidInput):
            await emotes.put(stage.backends, adas, page.id, code, a_picture(), None)
    with pytest.raises(UnsupportedMedia):
        await emotes.put(stage.backends, adas, page.id, "svg", b"<svg onload=alert(1)>", None)
    with pytest.raises(Forbidden):
        await emotes.put(stage.backends, await stage.caller(ben), page.id, "mine", a_picture(), None)
    monkeypatch.setattr(emotes, "MOST_EMOTES", 1)
    await emotes.put(stage.backends, adas, page.id, "one", a_picture(), None)
    with pytest.raises(TooManyEmotes):
        await emotes.put(stage.backends, adas, page.id, "two", a_picture(), None)


async def test_who_is_kept_apart_reads_nothing_of_the_other(stage: Stage) -> None:
    ada, ben, cy = [await stage.joined(name) for name in ("ada", "ben", "cy")]
    room = await room_of(stage, await page_of(stage, ada))
    bens, cys = await stage.caller(ben), await stage.caller(cy)
    await says(stage, ben, room, "from ben")
    await says(stage, cy, room, "from cy")
    async with stage.backends.database.writing() as tx:
        row = await tx.fetch_row("SELECT handle FROM users WHERE id = $1", cy.user_id)
    assert row is not None
    await blocks.block_person(stage.backends, bens, row[0])
    for caller, own, others in ((bens, "from ben", 2), (cys, "from cy", 1)):
        found = {each.position: each for each in await reading.newest(stage.backends, caller, room, None, 10)}
        assert [each.body for each in found.values() if each.body] == [own]
        kept = found[others]
        assert (kept.hidden, kept.user_id, kept.name, kept.body) == (True, None, "", "")
    assert len([e for e in await reading.newest(stage.backends, Caller(), room, None, 10) if e.body]) == 2


async def test_whom_the_page_turned_away_does_not_speak(stage: Stage) -> None:
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    page = await page_of(stage, ada)
    room = await room_of(stage, page)
    async with stage.backends.database.writing() as tx:
        row = await tx.fetch_row("SELECT handle FROM users WHERE id = $1", ben.user_id)
    assert row is not None
    await blocks.block_for_page(stage.backends, await stage.caller(ada), page.id, row[0])
    with pytest.raises(Forbidden):
        await says(stage, ben, room, "hello?")
    assert not (await entering.enter(stage.backends, ben.user_id, room)).speaks
