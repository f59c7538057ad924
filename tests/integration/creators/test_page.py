"""A page: links, pictures, publishing, following, and what operators do to it."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import NoSuchCreator, NotInTeam, NotReady, StateChanged, TooManyOf
from directfanz.domains.creators.models import MOST_LINKS, TRANSITIONS, Link, picture_key
from directfanz.domains.creators.repository import pages
from directfanz.domains.creators.service import following, lookup, operators, page, pictures, studio
from directfanz.errors import Forbidden, InvalidInput, NotFound, NotSignedIn, TooLarge, UnsupportedMedia
from directfanz.http.caller import Caller
from tests.support.accounts import Stage
from tests.support.creators import draft_of, join_team, page_of, slug_like

WHY = "Sells tickets twice"


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (1300, 900)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


async def test_links_keep_their_order_and_are_safe(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, caller = await page_of(stage, ada), await stage.caller(ada)
    wanted = [Link(label="Shop", url="https://shop.example.com/ada"), Link(label="", url="ada.example.com")]
    saved = await page.set_links(stage.backends, caller, creator.id, wanted)
    assert [link.url for link in saved] == ["https://shop.example.com/ada", "https://ada.example.com/"]
    assert saved[1].label == "ada.example.com"
    await page.set_links(stage.backends, caller, creator.id, saved[::-1])
    assert await lookup.links_of(stage.backends.database, creator.id) == saved[::-1]
    with pytest.raises(TooManyOf):
        await page.set_links(stage.backends, caller, creator.id, saved * MOST_LINKS)
    bad = Link(label="x", url="javascript:alert(1)")
    with pytest.raises(InvalidInput) as refused:
        await page.set_links(stage.backends, caller, creator.id, [saved[0], bad])
    assert [detail.field for detail in refused.value.details] == ["url_1"]
    assert await lookup.links_of(stage.backends.database, creator.id) == saved[::-1]


async def test_pictures_are_drawn_anew_and_old_ones_go(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, caller = await page_of(stage, ada), await stage.caller(ada)
    bucket = stage.backends.storage.bucket("public")
    first = await pictures.set_picture(stage.backends, caller, creator.id, "banner", picture((9, 200, 30)))
    with Image.open(io.BytesIO(await bucket.get(picture_key("banner", first, 1600)))) as drawn:
        assert (drawn.format, drawn.size) == ("WEBP", (1600, 533))
    second = await pictures.set_picture(stage.backends, caller, creator.id, "banner", picture((90, 20, 30)))
    face = await pictures.set_picture(stage.backends, caller, creator.id, "avatar", picture((1, 2, 3)))
    now = await lookup.by_id(stage.backends.database, creator.id)
    assert (now.banner, now.avatar) == (second, face)
    await stage.later(hours=2)
    await stage.work()
    with pytest.raises(NotFound):
        await bucket.head(picture_key("banner", first, 1600))
    await bucket.head(picture_key("banner", second, 960))
    await pictures.remove_picture(stage.backends, caller, creator.id, "banner")
    assert (await lookup.by_id(stage.backends.database, creator.id)).banner is None


async def test_what_is_no_picture_is_refused(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    creator, caller = await page_of(stage, ada), await stage.caller(ada)
    for data in (b"", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        with pytest.raises(UnsupportedMedia):
            await pictures.set_picture(stage.backends, caller, creator.id, "banner", data)
    with pytest.raises(TooLarge):
        await pictures.set_picture(stage.backends, caller, creator.id, "avatar", b"x" * (pictures.MAX_BYTES + 1))
    with pytest.raises(NotInTeam):
        await pictures.set_picture(stage.backends, await stage.caller(cy), creator.id, "avatar", picture((1, 1, 1)))


async def test_following_is_free_and_ends_with_a_click(stage: Stage) -> None:
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    creator, caller = await page_of(stage, ada), await stage.caller(ben)
    await asyncio.gather(*(following.follow(stage.backends, caller, creator.id) for _ in range(4)))
    async with stage.backends.database.writing() as tx:
        assert await following.count(tx, creator.id) == 1
        assert await following.does_follow(tx, caller, creator.id)
        [(found, _)] = await following.followed_by(tx, caller, None, 10)
        assert found.id == creator.id
    await page.unpublish(stage.backends, await stage.caller(ada), creator.id)
    await following.unfollow(stage.backends, caller, creator.id)
    async with stage.backends.database.writing() as tx:
        assert await following.count(tx, creator.id) == 0


async def test_a_draft_cannot_be_followed_by_guessing(stage: Stage) -> None:
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    creator = await draft_of(stage, ada)
    with pytest.raises(NoSuchCreator):
        await following.follow(stage.backends, await stage.caller(ben), creator.id)


async def test_followed_pages_come_in_pages(stage: Stage) -> None:
    ben = await stage.joined("ben")
    caller, made = await stage.caller(ben), []
    for number in range(5):
        owner = await stage.joined(f"ada{number}")
        made.append(await page_of(stage, owner))
        await following.follow(stage.backends, caller, made[-1].id)
        await stage.later(seconds=number % 2)
    seen, place = [], None
    async with stage.backends.database.writing() as tx:
        while found := await following.followed_by(tx, caller, place, 2):
            seen += [creator.id for creator, _ in found]
            place = (found[-1][1], found[-1][0].id)
    assert len(seen) == 5
    assert set(seen) == {creator.id for creator in made}


async def test_publishing_and_taking_back(stage: Stage) -> None:
    ada, eve = await stage.joined("ada"), await stage.joined("eve")
    creator = await draft_of(stage, ada)
    await join_team(stage, ada, creator, eve, "analyst")
    with pytest.raises(NotInTeam):
        await page.publish(stage.backends, await stage.caller(eve), creator.id)
    shown = await page.publish(stage.backends, await stage.caller(ada), creator.id)
    assert (shown.state, shown.published_at) == ("published", stage.clock.now())
    assert (await lookup.public_by_slug(stage.backends.database, creator.slug)).id == creator.id
    await page.unpublish(stage.backends, await stage.caller(ada), creator.id)
    with pytest.raises(NoSuchCreator):
        await lookup.public_by_slug(stage.backends.database, creator.slug)


async def test_olu_suspends_a_page_and_only_olu_lifts_it(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    creator, operator = await page_of(stage, ada), await stage.caller(olu)
    with pytest.raises(NotSignedIn):
        await operators.suspend(stage.backends, Caller(), creator.id, WHY)
    with pytest.raises(Forbidden):
        await operators.suspend(stage.backends, await stage.caller(ada), creator.id, WHY)
    with pytest.raises(InvalidInput):
        await operators.suspend(stage.backends, operator, creator.id, " ")
    gone = await operators.suspend(stage.backends, operator, creator.id, f"  {WHY} ")
    assert (gone.state, gone.state_reason) == ("suspended", WHY)
    with pytest.raises(NoSuchCreator):
        await lookup.public_by_slug(stage.backends.database, creator.slug)
    with pytest.raises(NotReady):
        await page.publish(stage.backends, await stage.caller(ada), creator.id)
    with pytest.raises(StateChanged):
        await operators.suspend(stage.backends, operator, creator.id, WHY)
    back = await operators.unsuspend(stage.backends, operator, creator.id)
    assert (back.state, back.state_reason, back.published_at) == ("published", None, creator.published_at)
    async with stage.backends.database.writing() as tx:
        acts = [entry.action for entry in await audit.about(tx, creator.id)]
    assert {"creators.suspended", "creators.unsuspended"} <= set(acts)


async def test_a_suspended_draft_comes_back_as_a_draft(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    creator = await draft_of(stage, ada)
    await operators.suspend(stage.backends, await stage.caller(olu), creator.id, WHY)
    assert (await operators.unsuspend(stage.backends, await stage.caller(olu), creator.id)).state == "draft"


async def test_fee_and_hold_are_set_by_operators_within_bounds(stage: Stage) -> None:
    ada, olu = await stage.joined("ada"), await stage.joined("olu", "admin")
    creator, operator = await page_of(stage, ada), await stage.caller(olu)
    changed = await operators.set_terms(stage.backends, operator, creator.id, 500, 2)
    assert (changed.fee_bps_or(1000), changed.hold_days) == (500, 2)
    assert (await operators.set_terms(stage.backends, operator, creator.id, None, 7)).fee_bps_or(1000) == 1000
    for fee, days in ((-1, 7), (3001, 7), (500, -1), (500, 91)):
        with pytest.raises(InvalidInput):
            await operators.set_terms(stage.backends, operator, creator.id, fee, days)
    with pytest.raises(Forbidden):
        await operators.set_terms(stage.backends, await stage.caller(ada), creator.id, 0, 0)


async def test_a_state_moves_only_from_the_one_that_was_seen(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, now = await draft_of(stage, ada), stage.clock.now()
    async with stage.backends.database.writing() as tx:
        for seen in TRANSITIONS:
            moved = await pages.move(tx, creator.id, seen, "suspended", None, WHY, now)
            assert moved == (seen == "draft"), seen
            if moved:
                await pages.move(tx, creator.id, "suspended", "draft", None, None, now)
    assert TRANSITIONS["closed"] == frozenset()


async def test_the_studio_is_for_the_team_and_old_addresses_lead_there(stage: Stage) -> None:
    ada, eve, cy = [await stage.joined(name) for name in ("ada", "eve", "cy")]
    creator = await page_of(stage, ada)
    await join_team(stage, ada, creator, eve, "editor")
    entered = await studio.enter(stage.backends, await stage.caller(eve), creator.slug, "posts")
    assert [place.words for place in entered.places] == ["Today", "Posts", "Live", "Series", "Library", "Team", "Page"]
    with pytest.raises(NotInTeam):
        await studio.enter(stage.backends, await stage.caller(eve), creator.slug, "money")
    with pytest.raises(NoSuchCreator):
        await studio.enter(stage.backends, await stage.caller(cy), creator.slug)
    moved = await page.change(
        stage.backends, await stage.caller(ada), creator.id, page.PageChange(slug=slug_like("moved"))
    )
    assert (await studio.enter(stage.backends, await stage.caller(ada), creator.slug)).creator.slug == moved.slug
