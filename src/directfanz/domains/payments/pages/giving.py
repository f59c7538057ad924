"""Tips, goals and gifts: one page each, and on to where one pays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.memberships.models import GIFT_MONTHS, Tier
from directfanz.domains.memberships.service import gifts, tiers
from directfanz.domains.payments.pages.asking import GiftForm, Html, Page, Slug, TipForm
from directfanz.domains.payments.policy.amounts import least
from directfanz.domains.payments.service import checkout, spending
from directfanz.domains.payments.service import goals as collecting
from directfanz.errors import DirectFanzError
from directfanz.http.amounts import amount_typed
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render
from directfanz.http.refusals import refuse
from directfanz.kit.ids import new_token
from directfanz.kit.money import Money, plain

LIMIT = rate_limit("checkout", per_minute=20)
PROPOSED = (3, 5, 10, 20, 50)


@get("/c/{slug:str}/tip", guards=[signed_in])
async def tip_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, goal: FromQuery[UUID | None] = None
) -> Html:
    creator = await _creator(backends, slug)
    form = Form.blank(amount=plain(_units(creator.currency, 5)), goal_id=str(goal or ""), key=new_token(16))
    return await _tip(request, backends, caller, creator, form)


@post("/c/{slug:str}/tip", status_code=200, guards=[signed_in], opt=LIMIT)
async def tip_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    creator = await _creator(backends, slug)
    form, status = await read_form(request, TipForm), 422
    if form.value is not None:
        asked = form.value
        try:
            amount = amount_typed(asked.other.strip() or asked.amount, creator.currency, "other")
            opened = await checkout.tip(backends, caller, creator.id, amount, asked.message, asked.goal_id, asked.key)
            return Redirect(opened.url, status_code=303)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _tip(request, backends, caller, creator, form, status)


@get("/c/{slug:str}/gift/{tier_id:uuid}", guards=[signed_in])
async def gift_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, tier_id: FromPath[UUID]
) -> Html:
    creator, tier = await _tier(backends, slug, tier_id)
    return await _gift(request, backends, caller, creator, tier, Form.blank(months="3", key=new_token(16)))


@post("/c/{slug:str}/gift/{tier_id:uuid}", status_code=200, guards=[signed_in], opt=LIMIT)
async def gift_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, tier_id: FromPath[UUID]
) -> Html:
    creator, tier = await _tier(backends, slug, tier_id)
    form, status = await read_form(request, GiftForm), 422
    if form.value is not None:
        asked = form.value
        try:
            opened = await checkout.gift(backends, caller, tier.id, asked.months, asked.message, asked.key)
            return Redirect(opened.url, status_code=303)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _gift(request, backends, caller, creator, tier, form, status)


async def _creator(backends: Backends, slug: str) -> Creator:
    async with backends.database.reading() as reader:
        return await lookup.public_by_slug(reader, slug)


async def _tier(backends: Backends, slug: str, tier_id: UUID) -> tuple[Creator, Tier]:
    async with backends.database.reading() as reader:
        creator = await lookup.public_by_slug(reader, slug)
        tier = await tiers.find(reader, tier_id)
    if tier.creator_id != creator.id or tier.is_free:
        raise lookup.no_such_creator()
    return creator, tier


async def _tip(
    request: Page, backends: Backends, caller: Caller, creator: Creator, form: Form[Any], status: int = 200
) -> Html:
    async with backends.database.reading() as reader:
        goals = await collecting.of_creator(backends, reader, creator.id)
    amounts = [_units(creator.currency, each) for each in PROPOSED]
    chosen = next((goal for goal in goals if str(goal.id) == str(form.raw.get("goal_id"))), None)
    choices = [{"value": plain(each), "amount": each} for each in amounts]
    return render(
        request,
        "payments/tip.html",
        status,
        creator=creator,
        form=form,
        choices=choices,
        goals=goals,
        goal=chosen,
        cap=await spending.cap_in(backends, caller, creator.currency),
    )


async def _gift(
    request: Page, backends: Backends, caller: Caller, creator: Creator, tier: Tier, form: Form[Any], status: int = 200
) -> Html:
    choices = [{"months": each, "price": gifts.price_of(tier, each)} for each in GIFT_MONTHS]
    return render(
        request,
        "payments/gift.html",
        status,
        creator=creator,
        tier=tier,
        form=form,
        choices=choices,
        cap=await spending.cap_in(backends, caller, creator.currency),
    )


def _units(currency: str, units: int) -> Money:
    return least(currency) * units


routes = [tip_page, tip_do, gift_page, gift_do]
