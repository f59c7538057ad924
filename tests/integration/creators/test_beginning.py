"""Becoming a creator: a page, an address for good, and what hostile input gets."""

from __future__ import annotations

import asyncio

import pytest

from directfanz.backends.database.contract import ConstraintBroken
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import NoSuchCreator, SlugTaken, TooManyOf
from directfanz.domains.creators.models import PAGES_PER_OWNER, SLUGS_PER_PAGE, Creator
from directfanz.domains.creators.repository import pages
from directfanz.domains.creators.service import beginning, lookup, page
from directfanz.domains.creators.service.page import PageChange
from directfanz.errors import DirectFanzError, InvalidInput, NotSignedIn
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from tests.support.accounts import Stage
from tests.support.creators import draft_of, new_page, page_of, slug_like


async def test_ada_becomes_a_creator_and_stays_signed_in(stage: Stage) -> None:
    ada = await stage.joined("ada")
    assert (await stage.caller(ada)).role == "fan"
    creator = await draft_of(stage, ada)
    caller = await stage.caller(ada)
    assert caller.role == "creator"
    assert (creator.state, creator.is_public, creator.fee_bps_or(1000)) == ("draft", False, 1000)
    async with stage.backends.database.writing() as tx:
        assert await lookup.owner_of(tx, creator.id) == ada.user_id
        assert [(each.id, role) for each, role in await lookup.of_user(tx, ada.user_id)] == [(creator.id, "owner")]
        entries = await audit.about(tx, ada.user_id)
    assert "creators.begun" in [entry.action for entry in entries]


async def test_an_administrator_with_a_page_stays_one(stage: Stage) -> None:
    olu = await stage.joined("olu", "admin")
    await draft_of(stage, olu)
    assert (await stage.caller(olu)).role == "admin"


async def test_a_stranger_and_somebody_leaving_have_no_page(stage: Stage) -> None:
    with pytest.raises(NotSignedIn):
        await beginning.begin(stage.backends, Caller(), new_page())
    ada = await stage.joined("ada")
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE users SET status = 'closing' WHERE id = $1", ada.user_id)
    with pytest.raises(DirectFanzError, match="active account"):
        await beginning.begin(stage.backends, await stage.caller(ada), new_page())


async def test_one_person_owns_only_so_many_pages_also_in_many_tabs(stage: Stage) -> None:
    ada = await stage.joined("ada")
    caller = await stage.caller(ada)
    tries = [
        beginning.begin(stage.backends, caller, new_page(slug=slug_like("ada"))) for _ in range(PAGES_PER_OWNER + 3)
    ]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, Creator) for each in done) == PAGES_PER_OWNER
    assert sum(isinstance(each, TooManyOf) for each in done) == 3


async def test_of_many_who_want_one_address_one_gets_it(stage: Stage) -> None:
    people = [await stage.joined(name) for name in ("ada", "ben", "cy", "dan")]
    callers, slug = [await stage.caller(each) for each in people], slug_like("race")
    done = await asyncio.gather(
        *(beginning.begin(stage.backends, caller, new_page(slug=slug)) for caller in callers), return_exceptions=True
    )
    assert sum(isinstance(each, Creator) for each in done) == 1
    assert sum(isinstance(each, SlugTaken) for each in done) == 3


async def test_an_address_given_up_leads_on_and_is_nobody_elses_for_good(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    creator = await page_of(stage, ada)
    old, new = creator.slug, slug_like("moved")
    await page.change(stage.backends, await stage.caller(ada), creator.id, PageChange(slug=new))
    found = await lookup.by_slug(stage.backends.database, old.upper())
    assert (found.id, found.slug) == (creator.id, new)
    with pytest.raises(SlugTaken):
        await beginning.begin(stage.backends, await stage.caller(cy), new_page(slug=old))
    back = await page.change(stage.backends, await stage.caller(ada), creator.id, PageChange(slug=old))
    assert back.slug == old


async def test_one_who_moves_out_while_another_moves_in(stage: Stage) -> None:
    """Whoever comes first: the address stays with the page that had it."""
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    a, c = await stage.caller(ada), await stage.caller(cy)
    creator = await page_of(stage, ada)
    moved, taken = await asyncio.gather(
        page.change(stage.backends, a, creator.id, PageChange(slug=slug_like("away"))),
        beginning.begin(stage.backends, c, new_page(slug=creator.slug)),
        return_exceptions=True,
    )
    assert isinstance(moved, Creator)
    assert isinstance(taken, SlugTaken)


async def test_nobody_collects_addresses(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator, caller = await draft_of(stage, ada), await stage.caller(ada)
    for _ in range(SLUGS_PER_PAGE - 1):
        creator = await page.change(stage.backends, caller, creator.id, PageChange(slug=slug_like("ada")))
    with pytest.raises(TooManyOf):
        await page.change(stage.backends, caller, creator.id, PageChange(slug=slug_like("ada")))
    assert (await lookup.by_id(stage.backends.database, creator.id)).slug == creator.slug


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "аda"}, {"slug": "admin"}, {"slug": "d1rect-fanz"}, {"slug": "a--b"}, {"slug": "../etc"},
        {"slug": "a" * 41}, {"slug": "ab"}, {"slug": ""}, {"slug": "1234"}, {"slug": "ada\u202e"},
        {"name": "\u202eadA"}, {"name": "  "}, {"name": "a" * 51}, {"name": "!!!"}, {"tagline": "x" * 121},
        {"about": "x" * 5001}, {"about": "a\u0007b"}, {"accent": "red"}, {"accent": "#12345"}, {"country": "XX"},
        {"country": "de"}, {"accent": "#fff;}body{display:none"},
    ],
)  # fmt: skip
async def test_hostile_words_are_refused_with_the_field_named(stage: Stage, change: dict[str, str]) -> None:
    ada = await stage.joined("ada")
    creator = await draft_of(stage, ada)
    with pytest.raises(InvalidInput) as refused:
        await page.change(stage.backends, await stage.caller(ada), creator.id, PageChange(**change))
    assert [detail.field for detail in refused.value.details] == list(change)
    assert await lookup.by_id(stage.backends.database, creator.id) == creator


async def test_the_database_keeps_the_form_of_addresses_by_itself(stage: Stage) -> None:
    ada = await stage.joined("ada")
    creator = await draft_of(stage, ada)
    for bad in ("a", "-ada", "ada-", "a--b", "Ädä", "x" * 41):
        with pytest.raises(ConstraintBroken) as broken:
            async with stage.backends.database.writing() as tx:
                await tx.execute("UPDATE creators SET slug = $2 WHERE id = $1", creator.id, bad)
        assert broken.value.constraint == "creators_slug_form"


async def test_a_name_leads_to_an_address_that_is_free(stage: Stage) -> None:
    ada = await stage.joined("ada")
    slug = slug_like("zoe")
    assert await beginning.free_slug_for(stage.backends, slug) == slug
    await draft_of(stage, ada, slug)
    assert await beginning.free_slug_for(stage.backends, slug) == f"{slug}-2"
    assert await beginning.free_slug_for(stage.backends, "Зоя") is None


async def test_what_is_not_there_is_not_found(stage: Stage) -> None:
    with pytest.raises(NoSuchCreator):
        await lookup.by_slug(stage.backends.database, "nobody-is-here")
    with pytest.raises(NoSuchCreator):
        await lookup.by_id(stage.backends.database, new_id())
    ada = await stage.joined("ada")
    draft = await draft_of(stage, ada)
    with pytest.raises(NoSuchCreator):
        await lookup.public_by_slug(stage.backends.database, draft.slug)
    assert not await pages.slug_is_taken(stage.backends.database, "nobody-is-here")
