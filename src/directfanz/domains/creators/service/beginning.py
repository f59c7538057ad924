"""Becoming a creator: a page of one's own, from a name and an address to the first visitor."""

from __future__ import annotations

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.domains.accounts.service import roles
from directfanz.domains.accounts.service.change import changing
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import SlugTaken, TooManyOf
from directfanz.domains.creators.models import PAGES_PER_OWNER, Creator
from directfanz.domains.creators.policy.colours import PALETTE
from directfanz.domains.creators.policy.places import checked_country, checked_currency
from directfanz.domains.creators.policy.slugs import checked_slug, suggested
from directfanz.domains.creators.policy.words import checked_name, checked_tagline
from directfanz.domains.creators.repository import pages, team
from directfanz.errors import Detail
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id


class NewPage(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    slug: str
    country: str
    currency: str
    tagline: str = ""


async def begin(backends: Backends, caller: Caller, wanted: NewPage) -> Creator:
    """A draft that only its owner sees."""
    user_id, now = caller.require_user(), backends.clock.now()
    creator = _checked(backends, wanted)
    async with changing(backends) as change:
        tx = change.tx
        await roles.become_creator(change, user_id)  # holds the person's row: two tabs come one after the other
        if await team.count_owned(tx, user_id) >= PAGES_PER_OWNER:
            raise TooManyOf(f"One person owns at most {PAGES_PER_OWNER} pages. Change one you have, or hand one over.")
        await _insert(tx, creator)
        await team.add(tx, creator.id, user_id, "owner", now)
        await audit.record(tx, actor=user_id, action="creators.begun", target=creator.id, slug=creator.slug)
    return creator


async def free_slug_for(backends: Backends, name: str) -> str | None:
    """An address that nobody has, near to a name."""
    near = suggested(name)
    if near is None:
        return None
    for candidate in (near, *(f"{near[:37]}-{number}" for number in range(2, 6))):
        if not await pages.slug_is_taken(backends.database, candidate):
            return candidate
    return None


def slug_taken(slug: str) -> SlugTaken:
    return SlugTaken(
        f"The address {slug} is taken.", Detail("slug", f"The address {slug} is taken.", "Try another, perhaps longer.")
    )


async def _insert(tx: Writer, creator: Creator) -> None:
    try:
        await pages.insert(tx, creator)
    except ConstraintBroken as error:
        if error.constraint != "creators_slug_key":
            raise
        raise slug_taken(creator.slug) from None
    if not await pages.take_slug(tx, creator.slug, creator.id, creator.created_at):
        raise slug_taken(creator.slug)


def _checked(backends: Backends, wanted: NewPage) -> Creator:
    now, creator_id = backends.clock.now(), new_id()
    return Creator(
        id=creator_id, slug=checked_slug(wanted.slug), name=checked_name(wanted.name),
        tagline=checked_tagline(wanted.tagline), about="", accent=PALETTE[creator_id.int % len(PALETTE)][0], avatar=None,
        banner=None, currency=checked_currency(wanted.currency), country=checked_country(wanted.country), state="draft",
        state_reason=None, published_at=None, fee_bps=None, hold_days=7, account=None, can_be_paid=False,
        account_missing=[], created_at=now, updated_at=now,
    )  # fmt: skip
