"""Codes that make joining cheaper for a while: for everybody, for newcomers, or to win back who left."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.service import team
from directfanz.domains.memberships.errors import NoSuchOffer, NoSuchTier, OfferRefused
from directfanz.domains.memberships.models import OFFERS_PER_PAGE, Audience, Offer
from directfanz.domains.memberships.policy.selling import check_chargeable, check_offer
from directfanz.domains.memberships.repository import memberships, offers, tiers
from directfanz.errors import Conflict, InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,29}", re.ASCII)
MOST_PERIODS = 36


class OfferForm(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    percent: int | None = None
    amount: int | None = None
    periods: int | None = 1
    at_most: int | None = None
    expires_at: datetime | None = None
    audience: Audience = "all"
    tier_id: UUID | None = None


async def of_page(backends: Backends, caller: Caller, creator_id: UUID) -> list[Offer]:
    async with backends.database.writing() as tx:
        await team.require_any(tx, caller, creator_id)
        return await offers.of_creator(tx, creator_id, OFFERS_PER_PAGE)


async def create(backends: Backends, caller: Caller, creator_id: UUID, form: OfferForm) -> Offer:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "tiers")
        _check(form, creator.currency, now)
        if form.tier_id is not None:
            tier = await tiers.find(tx, form.tier_id)
            if tier is None or tier.creator_id != creator_id:
                raise NoSuchTier("There is no such tier on this page.")
        if len(await offers.of_creator(tx, creator_id, OFFERS_PER_PAGE)) >= OFFERS_PER_PAGE:
            raise Conflict(f"A page has {OFFERS_PER_PAGE} offers at most.")
        offer = Offer(
            id=new_id(), creator_id=creator_id, tier_id=form.tier_id, code=form.code.strip(), name=form.name.strip(),
            percent=form.percent, amount=form.amount, currency=creator.currency, periods=form.periods,
            at_most=form.at_most, expires_at=form.expires_at, audience=form.audience, state="open", created_at=now,
        )  # fmt: skip
        try:
            await offers.insert(tx, offer)
        except ConstraintBroken as error:
            if error.constraint != "offers_code_key":
                raise
            raise OfferRefused("An offer with this code is open already. Choose another code.") from None
        await audit.record(tx, actor=caller.user_id, action="memberships.offer_created", target=offer.id)
    return offer


async def archive(backends: Backends, caller: Caller, offer_id: UUID) -> None:
    """Whoever joined with it keeps what it gave."""
    async with backends.database.writing() as tx:
        offer = await offers.find(tx, offer_id)
        if offer is None:
            raise NoSuchOffer("There is no such offer.")
        await team.require(tx, caller, offer.creator_id, "tiers")
        if await offers.archive(tx, offer_id):
            await audit.record(tx, actor=caller.user_id, action="memberships.offer_archived", target=offer_id)


async def look(backends: Backends, caller: Caller, tier_id: UUID, amount: int, code: str) -> Offer:
    """What the code would give this person, before they join."""
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        tier = await tiers.find(tx, tier_id)
        if tier is None:
            raise NoSuchTier("There is no such tier.")
        was_member = await memberships.was_member(tx, user_id, tier.creator_id)
        found = await offers.find_open(tx, tier.creator_id, code.strip()[:40])
        return check_offer(found, tier, amount, was_member=was_member, now=backends.clock.now())


def _check(form: OfferForm, currency: str, now: datetime) -> None:
    if not _CODE.fullmatch(form.code.strip()):
        raise InvalidInput.in_field("code", "A code has 3 to 30 letters, digits and hyphens.", "Such as SPRING-26.")
    if not form.name.strip():
        raise InvalidInput.in_field("name", "An offer needs a name: members read it on their invoice.")
    if (form.percent is None) == (form.amount is None):
        raise InvalidInput.in_field("percent", "Take off either a percentage or an amount.")
    if form.percent is not None and not 1 <= form.percent <= 100:
        raise InvalidInput.in_field("percent", "A percentage is from 1 to 100.")
    if form.amount is not None:
        check_chargeable(Money(form.amount, currency))
        if form.amount == 0:
            raise InvalidInput.in_field("amount", "Nothing off is no offer.")
    if form.percent == 100 and form.periods is None:
        raise InvalidInput.in_field("periods", "Free for good is a free membership, not an offer.", "Say how long.")
    if form.periods is not None and not 1 <= form.periods <= MOST_PERIODS:
        raise InvalidInput.in_field("periods", f"An offer lasts 1 to {MOST_PERIODS} payments, or for good.")
    if form.expires_at is not None and form.expires_at <= now:
        raise InvalidInput.in_field("expires_at", "This moment has passed.")
