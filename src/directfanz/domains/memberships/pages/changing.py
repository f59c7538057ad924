"""Another tier, amount or interval: chosen, shown with what it costs, and then agreed to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from directfanz.backends import Backends
from directfanz.backends.billing.contract import CardRefused
from directfanz.domains.memberships.models import Preview, Tier
from directfanz.domains.memberships.pages.asking import ChangeForm, ConfirmForm, Html, Page, minor_of
from directfanz.domains.memberships.service import changes, mine, tiers
from directfanz.domains.memberships.service.changes import Wanted
from directfanz.domains.memberships.service.limit import SpendLimit
from directfanz.domains.memberships.service.mine import Mine
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.kit.money import Money, plain
from directfanz.kit.time import parse_rfc3339, rfc3339

CHANGES = rate_limit("change-membership", per_minute=20, when_down="refuse")


@get("/memberships/{membership_id:uuid}/change", guards=[signed_in])
async def change_page(
    request: Page,
    backends: Given[Backends],
    caller: Given[Caller],
    membership_id: FromPath[UUID],
    to: FromQuery[UUID | None] = None,
) -> Html:
    found = await mine.one(backends, caller, membership_id)
    row = found.membership
    form = Form.blank(tier_id=str(to or row.tier_id), interval=row.interval, amount=plain(row.price))
    return await _choose(request, backends, found, form)


@post("/memberships/{membership_id:uuid}/change", status_code=200, guards=[signed_in], opt=CHANGES)
async def preview_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> Html:
    found = await mine.one(backends, caller, membership_id)
    form, status = await read_form(request, ChangeForm), UNPROCESSABLE
    if form.value is not None:
        try:
            wanted = await _wanted(backends, form.value)
            shown = await changes.preview(backends, caller, membership_id, wanted)
            return _confirm(request, found, wanted, shown)
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _choose(request, backends, found, form, status)


@post("/memberships/{membership_id:uuid}/change/confirm", status_code=200, guards=[signed_in], opt=CHANGES)
async def confirm_do(
    request: Page,
    backends: Given[Backends],
    caller: Given[Caller],
    spend_limit: Given[SpendLimit],
    membership_id: FromPath[UUID],
) -> Html:
    form = await read_form(request, ConfirmForm)
    asked = form.data
    found = await mine.one(backends, caller, membership_id)
    wanted = Wanted(asked.tier_id, Money(asked.minor, found.membership.currency), asked.interval)
    try:
        if asked.at:
            at = parse_rfc3339(asked.at)
            await changes.upgrade_now(backends, caller, membership_id, wanted, at, spend_limit)
            return see_other(request, "/memberships", "Done. It is yours from now on.")
        await changes.downgrade_at_renewal(backends, caller, membership_id, wanted)
        return see_other(request, "/memberships", "Planned for your next renewal. Until then you can take it back.")
    except CardRefused as refused:
        again = Form.blank(tier_id=str(asked.tier_id), interval=asked.interval, amount=plain(wanted.amount))
        again.problem = refused.message
        return await _choose(request, backends, found, again, UNPROCESSABLE)
    except DirectFanzError as error:
        status = refuse(form, error)
        again = Form.blank(tier_id=str(asked.tier_id), interval=asked.interval, amount=plain(wanted.amount))
        again.problem = form.problem or error.message
        return await _choose(request, backends, found, again, status)


async def _wanted(backends: Backends, asked: ChangeForm) -> Wanted:
    """Where the price is fixed, it need not be typed."""
    tier = await tiers.find(backends.database, asked.tier_id)
    typed = minor_of(asked.amount, tier.currency, "amount") if tier.pay_what_you_want else None
    minor = typed if typed is not None else tier.least(asked.interval) or tier.min_amount
    return Wanted(tier.id, Money(minor, tier.currency), asked.interval)


async def _choose(request: Page, backends: Backends, found: Mine, form: Form[Any], status: int = 200) -> Html:
    async with backends.database.writing() as tx:
        offered = await tiers.open_tiers(tx, found.creator.id)
    shown: list[Tier] = [each.tier for each in offered]
    if all(tier.id != found.tier.id for tier in shown):
        shown = sorted([found.tier, *shown], key=lambda tier: tier.rank)
    return render(
        request, "memberships/change.html", status, mine=found, tiers=shown, form=form,
        left={str(each.tier.id): each.left for each in offered}, yearly=any(tier.yearly_min_amount for tier in shown),
        free=any(tier.pay_what_you_want for tier in shown),
    )  # fmt: skip


def _confirm(request: Page, found: Mine, wanted: Wanted, shown: Preview) -> Html:
    at = rfc3339(shown.at) if shown.now else ""
    return render(
        request, "memberships/confirm.html", mine=found, shown=shown, at=at, tier_id=str(wanted.tier_id),
        minor=wanted.amount.minor,
    )  # fmt: skip


routes = [change_page, preview_do, confirm_do]
