from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import lookup, studio
from directfanz.domains.memberships.api.views import (
    TEAM_READ,
    TEAM_WRITE,
    TIERS,
    Amount,
    OfferView,
    Slug,
    Text,
    TierView,
    offer_view,
    tier_view,
)
from directfanz.domains.memberships.models import TIERS_PER_PAGE, Affected, Audience
from directfanz.domains.memberships.service import offers, tiers
from directfanz.domains.memberships.service.offers import OfferForm
from directfanz.domains.memberships.service.tiers import OpenTier, TierForm
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.validation import Input

Lines = Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=20)]


class TierAsk(Input, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    about: Text = ""
    benefits: Lines = msgspec.field(default_factory=list)
    min_amount: Amount
    suggested_amount: Amount | None = None
    yearly_min_amount: Amount | None = None
    pay_what_you_want: bool = False
    trial_days: Annotated[int, Meta(ge=0, le=90)] = 0
    cap: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None


class TierChange(TierAsk, frozen=True, kw_only=True):
    """Members keep their price. With `ask` those who pay less are asked whether they agree to the new one."""

    ask: bool = False
    note: Annotated[str, Meta(max_length=1000)] = ""


class OrderAsk(Input, frozen=True):
    tiers: Annotated[
        list[UUID], Meta(max_length=TIERS_PER_PAGE, description="All of the page's tiers, the lowest first.")
    ]


class OfferAsk(Input, frozen=True, kw_only=True):
    """Either `percent` or `amount` off, for so many payments (null: for good)."""

    code: Annotated[str, Meta(max_length=30)]
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    percent: Annotated[int, Meta(ge=1, le=100)] | None = None
    amount: Amount | None = None
    periods: Annotated[int, Meta(ge=1, le=36)] | None = 1
    at_most: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    expires_at: datetime | None = None
    audience: Audience = "all"
    tier_id: UUID | None = None


@get("/creators/{slug:str}/tiers", tags=TIERS, summary="What one may join, the lowest first")
async def list_tiers(backends: Given[Backends], slug: Slug) -> list[TierView]:
    async with backends.database.writing() as tx:
        creator = await lookup.public_by_slug(tx, slug)
        return [tier_view(each) for each in await tiers.open_tiers(tx, creator.id)]


@get(
    "/creators/{slug:str}/all-tiers",
    guards=[TEAM_READ],
    tags=TIERS,
    summary="All tiers of your page, with drafts and archived ones",
)
async def all_tiers(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[TierView]:
    entered = await studio.enter(backends, caller, slug)
    return [tier_view(each) for each in await tiers.all_tiers(backends, caller, entered.creator.id)]


@post("/creators/{slug:str}/tiers", guards=[TEAM_WRITE], tags=TIERS, summary="Add a tier, as a draft above the others")
async def create_tier(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[TierAsk]
) -> TierView:
    entered = await studio.enter(backends, caller, slug, "tiers")
    tier = await tiers.create(backends, caller, entered.creator.id, _form(data))
    return tier_view(OpenTier(tier=tier, members=0, left=tier.cap))


@put("/tiers/{tier_id:uuid}", guards=[TEAM_WRITE], tags=TIERS, summary="Change a tier; members keep their price")
async def change_tier(
    backends: Given[Backends], caller: Given[Caller], tier_id: FromPath[UUID], data: JSONBody[TierChange]
) -> TierView:
    await tiers.change(backends, caller, tier_id, _form(data), ask=data.ask, note=data.note)
    return await _shown(backends, caller, tier_id)


@post(
    "/tiers/{tier_id:uuid}/affected", status_code=200, guards=[TEAM_READ], tags=TIERS,
    summary="Whom a change would concern, before it is made",
)  # fmt: skip
async def affected_by(
    backends: Given[Backends], caller: Given[Caller], tier_id: FromPath[UUID], data: JSONBody[TierAsk]
) -> Affected:
    return await tiers.affected(backends, caller, tier_id, _form(data))


@post("/tiers/{tier_id:uuid}/open", status_code=200, guards=[TEAM_WRITE], tags=TIERS, summary="Let people join it")
async def open_tier(backends: Given[Backends], caller: Given[Caller], tier_id: FromPath[UUID]) -> TierView:
    await tiers.set_state(backends, caller, tier_id, "open")
    return await _shown(backends, caller, tier_id)


@post(
    "/tiers/{tier_id:uuid}/archive", status_code=200, guards=[TEAM_WRITE], tags=TIERS,
    summary="Let nobody new join it; its members stay",
)  # fmt: skip
async def archive_tier(backends: Given[Backends], caller: Given[Caller], tier_id: FromPath[UUID]) -> TierView:
    await tiers.set_state(backends, caller, tier_id, "archived")
    return await _shown(backends, caller, tier_id)


@delete("/tiers/{tier_id:uuid}", guards=[TEAM_WRITE], tags=TIERS, summary="Delete a draft")
async def delete_tier(backends: Given[Backends], caller: Given[Caller], tier_id: FromPath[UUID]) -> None:
    await tiers.remove(backends, caller, tier_id)


@put("/creators/{slug:str}/tiers/order", guards=[TEAM_WRITE], tags=TIERS, summary="Put the tiers in order")
async def order_tiers(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[OrderAsk]
) -> list[TierView]:
    entered = await studio.enter(backends, caller, slug, "tiers")
    await tiers.reorder(backends, caller, entered.creator.id, data.tiers)
    return [tier_view(each) for each in await tiers.all_tiers(backends, caller, entered.creator.id)]


@get("/creators/{slug:str}/offers", guards=[TEAM_READ], tags=TIERS, summary="Your offers, the newest first")
async def list_offers(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[OfferView]:
    entered = await studio.enter(backends, caller, slug)
    return [offer_view(each) for each in await offers.of_page(backends, caller, entered.creator.id)]


@post(
    "/creators/{slug:str}/offers", guards=[TEAM_WRITE], tags=TIERS, summary="Make a code that joining is cheaper with"
)
async def create_offer(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[OfferAsk]
) -> OfferView:
    entered = await studio.enter(backends, caller, slug, "tiers")
    form = OfferForm(**{name: getattr(data, name) for name in OfferForm.__struct_fields__})
    return offer_view(await offers.create(backends, caller, entered.creator.id, form))


@post(
    "/offers/{offer_id:uuid}/archive", status_code=204, guards=[TEAM_WRITE], tags=TIERS,
    summary="End an offer; who joined with it keeps what it gave",
)  # fmt: skip
async def archive_offer(backends: Given[Backends], caller: Given[Caller], offer_id: FromPath[UUID]) -> None:
    await offers.archive(backends, caller, offer_id)


def _form(data: TierAsk) -> TierForm:
    return TierForm(**{name: getattr(data, name) for name in TierForm.__struct_fields__})


async def _shown(backends: Backends, caller: Caller, tier_id: UUID) -> TierView:
    return tier_view(await tiers.one(backends, caller, tier_id))


routes = [
    list_tiers, all_tiers, create_tier, change_tier, affected_by, open_tier, archive_tier, delete_tier, order_tiers,
    list_offers, create_offer, archive_offer,
]  # fmt: skip
