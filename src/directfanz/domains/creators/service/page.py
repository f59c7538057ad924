"""What a team changes of its page."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import NotReady, StateChanged, TooManyOf
from directfanz.domains.creators.models import MOST_LINKS, SLUGS_PER_PAGE, TRANSITIONS, Creator, Link, State
from directfanz.domains.creators.policy.colours import checked_accent
from directfanz.domains.creators.policy.links import checked_link
from directfanz.domains.creators.policy.places import checked_country
from directfanz.domains.creators.policy.slugs import checked_slug
from directfanz.domains.creators.policy.words import checked_about, checked_name, checked_tagline
from directfanz.domains.creators.repository import pages
from directfanz.domains.creators.service import team
from directfanz.domains.creators.service.beginning import slug_taken
from directfanz.http.caller import Caller


class PageChange(msgspec.Struct, frozen=True, kw_only=True):
    """Only what is given changes."""

    name: str | None = None
    slug: str | None = None
    tagline: str | None = None
    about: str | None = None
    accent: str | None = None
    country: str | None = None


_CHECKS = {
    "name": checked_name,
    "slug": checked_slug,
    "tagline": checked_tagline,
    "about": checked_about,
    "accent": checked_accent,
    "country": checked_country,
}


async def change(backends: Backends, caller: Caller, creator_id: UUID, wanted: PageChange) -> Creator:
    given = {name: check(value) for name, check in _CHECKS.items() if (value := getattr(wanted, name)) is not None}
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "page")
        creator = await _locked(tx, creator_id)
        changed = msgspec.structs.replace(creator, **given)
        if changed == creator:
            return creator
        if changed.country != creator.country and creator.account is not None:
            raise NotReady("The country is that of your payout account. Write to us if you have moved.")
        if changed.slug != creator.slug:
            await _take_slug(backends, tx, changed)
        await _update(backends, tx, changed)
        if changed.slug != creator.slug:
            await audit.record(
                tx, actor=caller.user_id, action="creators.slug_changed", target=creator_id, before=creator.slug,
                after=changed.slug,
            )  # fmt: skip
    return msgspec.structs.replace(changed, updated_at=now)


async def set_links(backends: Backends, caller: Caller, creator_id: UUID, links: Sequence[Link]) -> list[Link]:
    """All of them, in their order."""
    if len(links) > MOST_LINKS:
        raise TooManyOf(f"A page shows at most {MOST_LINKS} links. Keep those that matter.")
    checked = [checked_link(link.label, link.url, place) for place, link in enumerate(links)]
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "page")
        await _locked(tx, creator_id)
        await pages.replace_links(tx, creator_id, checked)
    return checked


async def publish(backends: Backends, caller: Caller, creator_id: UUID) -> Creator:
    """From now on everybody finds it."""
    return await _move(backends, caller, creator_id, "published")


async def unpublish(backends: Backends, caller: Caller, creator_id: UUID) -> Creator:
    """Back to a draft. Who is a member stays one and sees what was paid for."""
    return await _move(backends, caller, creator_id, "draft")


async def _move(backends: Backends, caller: Caller, creator_id: UUID, new: State) -> Creator:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "page")
        if creator.state == new:
            return creator
        if creator.state == "suspended":
            raise NotReady("This page is suspended. Write to us; then it can be published again.")
        if new not in TRANSITIONS[creator.state]:
            raise StateChanged(f"A page that is {creator.state} cannot become {new}.")
        since = now if new == "published" else None
        if not await pages.move(tx, creator_id, creator.state, new, since, None, now):
            raise StateChanged("The page was changed meanwhile. Look again.")
        await audit.record(tx, actor=caller.user_id, action=f"creators.{new}", target=creator_id)
    return msgspec.structs.replace(creator, state=new, published_at=since, updated_at=now)


async def _take_slug(backends: Backends, tx: Writer, changed: Creator) -> None:
    """An address once taken is never given to somebody else, so one page cannot take all the good ones."""
    taken = await pages.take_slug(tx, changed.slug, changed.id, backends.clock.now())
    if not taken:
        raise slug_taken(changed.slug)
    if await pages.count_slugs(tx, changed.id) > SLUGS_PER_PAGE:
        raise TooManyOf(
            f"A page keeps at most {SLUGS_PER_PAGE} addresses, with those of before. Go back to one of them."
        )


async def _update(backends: Backends, tx: Writer, changed: Creator) -> None:
    try:
        await pages.update(tx, changed, backends.clock.now())
    except ConstraintBroken as error:
        if error.constraint != "creators_slug_key":
            raise
        raise slug_taken(changed.slug) from None


async def _locked(tx: Writer, creator_id: UUID) -> Creator:
    creator = await pages.lock(tx, creator_id)
    if creator is None or creator.state == "closed":
        raise StateChanged("The page was changed meanwhile. Look again.")
    return creator
