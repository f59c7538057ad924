"""Where the money goes: what the payment provider still needs, and the way to its form."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.creators.pages.asking import Html, Page, Slug
from directfanz.domains.creators.policy.account_words import in_words
from directfanz.domains.creators.policy.places import COUNTRIES
from directfanz.domains.creators.service import payout_account, studio
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, recently_confirmed, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other


@get("/studio/{slug:str}/payout-account", guards=[signed_in])
async def account_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, back: FromQuery[str] = "",
    again: FromQuery[str] = "",
) -> Html:  # fmt: skip
    """Whoever comes back from the provider's form sees what is true now, without waiting for its event."""
    entered = await studio.enter(backends, caller, slug, "payouts")
    if back or again:
        return await _looked_again(request, backends, caller, entered, ran_out=bool(again))
    creator = entered.creator
    return render(
        request, "creators/payout_account.html", studio=entered, missing=in_words(creator.account_missing),
        country=COUNTRIES.get(creator.country, (creator.country, ""))[0],
    )  # fmt: skip


@post(
    "/studio/{slug:str}/payout-account", status_code=200, guards=[recently_confirmed],
    opt=rate_limit("payout-account", per_hour=30),
)  # fmt: skip
async def account_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "payouts")
    opening = payout_account.provider_page if entered.creator.can_be_paid else payout_account.begin
    try:
        url = await opening(backends, caller, entered.creator.id)
    except DirectFanzError as error:
        return see_other(request, f"{entered.home}/payout-account", error.message, "problem")
    return Redirect(url, status_code=303)


async def _looked_again(
    request: Page, backends: Backends, caller: Caller, entered: studio.Studio, *, ran_out: bool
) -> Html:
    here = f"{entered.home}/payout-account"
    try:
        creator = await payout_account.look_again(backends, caller, entered.creator.id)
    except DirectFanzError as error:
        return see_other(request, here, error.message, "problem")
    if creator.can_be_paid:
        return see_other(request, here, "Your payout account is complete: you can be paid.")
    if ran_out:
        return see_other(request, here, "The form was open too long. Open it again; what you gave is kept.", "info")
    return see_other(request, here, "Thank you. As soon as our payment provider has checked it, we tell you.", "info")


routes = [account_page, account_do]
