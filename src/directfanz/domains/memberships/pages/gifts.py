"""A gift: its code for who bought it, and the place where it is claimed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.creators.service import lookup
from directfanz.domains.memberships.models import Gift
from directfanz.domains.memberships.pages.asking import ClaimForm, Html, Page
from directfanz.domains.memberships.service import claiming, gifts, tiers
from directfanz.errors import DirectFanzError, NotFound
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse

CLAIMS = rate_limit("claim-gift", per_minute=10, when_down="refuse")


@get("/gifts/{gift_id:uuid}", guards=[signed_in])
async def gift_page(request: Page, backends: Given[Backends], caller: Given[Caller], gift_id: FromPath[UUID]) -> Html:
    return await _gift(request, backends, await gifts.of_buyer(backends, caller, gift_id))


@post("/gifts/{gift_id:uuid}/code", status_code=200, guards=[signed_in])
async def code_do(request: Page, backends: Given[Backends], caller: Given[Caller], gift_id: FromPath[UUID]) -> Html:
    """Shown in this answer and nowhere else."""
    try:
        code = await gifts.new_code_for(backends, caller, gift_id)
    except NotFound:
        raise
    except DirectFanzError as error:
        return see_other(request, f"/gifts/{gift_id}", error.message, "problem")
    return await _gift(request, backends, await gifts.of_buyer(backends, caller, gift_id), code=code)


@get("/gifts/claim", guards=[signed_in])
async def claim_page(request: Page) -> Html:
    return render(request, "memberships/claim.html", form=Form.blank(), gift=None)


@post("/gifts/claim", status_code=200, guards=[signed_in], opt=CLAIMS)
async def claim_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    """First what it gives is shown, then it is claimed."""
    form, status = await read_form(request, ClaimForm), UNPROCESSABLE
    if form.value is not None:
        try:
            if form.value.sure:
                claimed = await claiming.claim(backends, caller, form.value.code)
                return await _welcome(request, backends, claimed)
            return await _look(request, backends, form)
        except NotFound as error:
            form.refuse("code", error.message)
        except DirectFanzError as error:
            status = refuse(form, error)
    return render(request, "memberships/claim.html", status, form=form, gift=None)


async def _look(request: Page, backends: Backends, form: Form[Any]) -> Html:
    gift, tier = await claiming.look(backends, form.data.code)
    creator = await lookup.by_id(backends.database, gift.creator_id)
    return render(request, "memberships/claim.html", form=form, gift=gift, tier=tier, creator=creator)


async def _welcome(request: Page, backends: Backends, gift: Gift) -> Html:
    creator = await lookup.by_id(backends.database, gift.creator_id)
    if gift.postponed_to is not None:
        return see_other(request, "/memberships", "The gift is yours: your next charge is that much later.")
    return see_other(request, creator.path, "The gift is yours. Everything in its tier is open to you.")


async def _gift(request: Page, backends: Backends, gift: Gift, code: str | None = None) -> Html:
    creator = await lookup.by_id_even_closed(backends.database, gift.creator_id)
    tier = await tiers.find(backends.database, gift.tier_id)
    return render(request, "memberships/gift.html", gift=gift, creator=creator, tier=tier, code=code)


routes = [gift_page, code_do, claim_page, claim_do]
