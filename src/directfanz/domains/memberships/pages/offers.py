from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.domains.memberships.pages.asking import Html, OfferPageForm, Page, Slug, end_of, id_of, minor_of
from directfanz.domains.memberships.service import offers, tiers
from directfanz.domains.memberships.service.offers import OfferForm
from directfanz.errors import DirectFanzError, InvalidInput
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse


@get("/studio/{slug:str}/tiers/offers/new", guards=[signed_in])
async def new_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "tiers")
    return await _editor(request, backends, caller, entered, Form.blank(kind="percent", periods="1", audience="all"))


@post("/studio/{slug:str}/tiers/offers/new", status_code=200, guards=[signed_in])
async def new_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "tiers")
    form, status = await read_form(request, OfferPageForm), UNPROCESSABLE
    if form.value is not None:
        try:
            made = await offers.create(
                backends, caller, entered.creator.id, _form(form.value, entered.creator.currency)
            )
            return see_other(request, f"{entered.home}/tiers#offers", f"{made.code} is open.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _editor(request, backends, caller, entered, form, status)


@post("/studio/{slug:str}/tiers/offers/{offer_id:uuid}/end", status_code=200, guards=[signed_in])
async def end_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, offer_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "tiers")
    await offers.archive(backends, caller, offer_id)
    return see_other(request, f"{entered.home}/tiers#offers", "Ended. Who joined with it keeps what it gave.")


def _form(asked: OfferPageForm, currency: str) -> OfferForm:
    by_percent = asked.kind == "percent"
    periods = None if asked.periods == "" else asked.periods
    if periods is not None and not periods.isdigit():
        raise InvalidInput.in_field("periods", "Choose one of the list.")
    return OfferForm(
        code=asked.code, name=asked.name, percent=asked.percent if by_percent else None,
        amount=None if by_percent else minor_of(asked.amount, currency, "amount", needed=True),
        periods=int(periods) if periods else None, at_most=asked.at_most, expires_at=end_of(asked.expires_on, "expires_on"),
        audience=asked.audience, tier_id=id_of(asked.tier_id, "tier_id"),
    )  # fmt: skip


async def _editor(
    request: Page, backends: Backends, caller: Caller, entered: Studio, form: Form[Any], status: int = 200
) -> Html:
    found = await tiers.all_tiers(backends, caller, entered.creator.id)
    choices = [
        ["", "Every tier"],
        *([str(each.tier.id), each.tier.name] for each in found if each.tier.state == "open"),
    ]
    return render(request, "memberships/offer.html", status, studio=entered, form=form, choices=choices)


routes = [new_page, new_do, end_do]
