"""Becoming a member: what it costs, what happens next, and on to the page where one pays."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.memberships.models import Tier
from directfanz.domains.memberships.service import joining, mine, tiers
from directfanz.domains.payments.pages.asking import Html, JoinForm, Page, Slug
from directfanz.domains.payments.service import checkout, spending
from directfanz.errors import DirectFanzError
from directfanz.http.amounts import amount_typed
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import refuse
from directfanz.kit.ids import new_token
from directfanz.kit.money import Money, plain


@get("/c/{slug:str}/join/{tier_id:uuid}", guards=[signed_in])
async def join_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, tier_id: FromPath[UUID]
) -> Html:
    creator, tier = await _found(backends, slug, tier_id)
    live = await mine.of_page(backends, caller.require_user(), creator.id)
    if live is not None and live.source == "paid":
        return see_other(request, f"/memberships/{live.id}/change?to={tier.id}")
    amount = plain(Money(tier.suggested_amount or tier.min_amount, tier.currency))
    form = Form.blank(amount=amount, interval="month", offer="", key=new_token(16))
    return await _page(request, backends, caller, creator, tier, form)


@post(
    "/c/{slug:str}/join/{tier_id:uuid}", status_code=200, guards=[signed_in], opt=rate_limit("checkout", per_minute=20)
)
async def join_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, tier_id: FromPath[UUID]
) -> Html:
    creator, tier = await _found(backends, slug, tier_id)
    form, status = await read_form(request, JoinForm), 422
    if form.value is not None:
        try:
            return await _go(request, backends, caller, tier, form.value)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _page(request, backends, caller, creator, tier, form, status)


async def _go(request: Page, backends: Backends, caller: Caller, tier: Tier, asked: JoinForm) -> Html:
    amount = Money(tier.least(asked.interval) or 0, tier.currency)
    if tier.pay_what_you_want and asked.amount.strip():
        amount = amount_typed(asked.amount, tier.currency)
    if amount.minor == 0:
        await joining.join_free(backends, caller, tier.id)
        return see_other(request, "/memberships", f"You are in {tier.name}.")
    opened = await checkout.join(
        backends, caller, tier.id, amount, asked.interval, asked.offer.strip() or None, asked.key
    )
    return Redirect(opened.url, status_code=303)


async def _found(backends: Backends, slug: str, tier_id: UUID) -> tuple[Creator, Tier]:
    async with backends.database.reading() as reader:
        creator = await lookup.public_by_slug(reader, slug)
        tier = await tiers.find(reader, tier_id)
    if tier.creator_id != creator.id:
        raise lookup.no_such_creator()
    return creator, tier


async def _page(
    request: Page,
    backends: Backends,
    caller: Caller,
    creator: Creator,
    tier: Tier,
    form: Form[JoinForm],
    status: int = 200,
) -> Html:
    taxed = backends.platform.charges.tax == "provider"
    cap = None if tier.is_free else await spending.cap_in(backends, caller, tier.currency)
    return render(request, "payments/join.html", status, creator=creator, tier=tier, form=form, taxed=taxed, cap=cap)


routes = [join_page, join_do]
