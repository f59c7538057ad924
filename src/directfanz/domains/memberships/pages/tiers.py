"""Tiers and offers in the studio: what is offered, in which order, and whom a change concerns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.domains.memberships.models import Affected, Tier, TierState
from directfanz.domains.memberships.pages.asking import Html, MoveForm, Page, Slug, TierPageForm, minor_of
from directfanz.domains.memberships.service import offers, tiers
from directfanz.domains.memberships.service.tiers import TierForm
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.kit.money import Money, plain

NEW = {"trial_days": 0}


@get("/studio/{slug:str}/tiers", guards=[signed_in])
async def tiers_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "tiers")
    found = await tiers.all_tiers(backends, caller, entered.creator.id)
    made = await offers.of_page(backends, caller, entered.creator.id)
    names = {str(each.tier.id): each.tier.name for each in found}
    return render(
        request, "memberships/tiers.html", studio=entered, tiers=[each for each in found if each.tier.state != "archived"],
        archived=[each for each in found if each.tier.state == "archived"], offers=made, names=names,
    )  # fmt: skip


@get("/studio/{slug:str}/tiers/new", guards=[signed_in])
async def new_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "tiers")
    return _editor(request, entered, None, Form.blank(**NEW))


@post("/studio/{slug:str}/tiers/new", status_code=200, guards=[signed_in])
async def new_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "tiers")
    form, status = await read_form(request, TierPageForm), UNPROCESSABLE
    if form.value is not None:
        try:
            wanted = form_of(form.value, entered.creator.currency)
            tier = await tiers.create(backends, caller, entered.creator.id, wanted)
            return see_other(request, f"{entered.home}/tiers", f"{tier.name} is a draft. Open it when you are ready.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return _editor(request, entered, None, form, status)


@get("/studio/{slug:str}/tiers/{tier_id:uuid}", guards=[signed_in])
async def edit_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, tier_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "tiers")
    tier = (await tiers.one(backends, caller, tier_id)).tier
    return _editor(request, entered, tier, Form.blank(**_shown(tier)))


@post("/studio/{slug:str}/tiers/{tier_id:uuid}", status_code=200, guards=[signed_in])
async def edit_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, tier_id: FromPath[UUID]
) -> Html:
    """A price that members pay less than is shown with how many they are, before it is saved."""
    entered = await studio.enter(backends, caller, slug, "tiers")
    tier = (await tiers.one(backends, caller, tier_id)).tier
    form, status = await read_form(request, TierPageForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            wanted = form_of(asked, tier.currency)
            concerned = await tiers.affected(backends, caller, tier_id, wanted)
            if concerned.pay_less and _raised(tier, wanted) and asked.sure != str(concerned.pay_less):
                return _editor(request, entered, tier, form, concerned=concerned)
            await tiers.change(backends, caller, tier_id, wanted, ask=asked.ask, note=asked.note)
            return see_other(request, f"{entered.home}/tiers", "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return _editor(request, entered, tier, form, status)


@post("/studio/{slug:str}/tiers/{tier_id:uuid}/{what:str}", status_code=200, guards=[signed_in])
async def state_do(
    request: Page,
    backends: Given[Backends],
    caller: Given[Caller],
    slug: Slug,
    tier_id: FromPath[UUID],
    what: FromPath[str],
) -> Html:
    entered = await studio.enter(backends, caller, slug, "tiers")
    to: dict[str, TierState] = {"open": "open", "archive": "archived"}
    words = {
        "open": "It is open: people can join.",
        "archive": "Archived. Its members stay; open it to undo this.",
        "delete": "Deleted.",
    }
    try:
        if what == "delete":
            await tiers.remove(backends, caller, tier_id)
        elif what in to:
            await tiers.set_state(backends, caller, tier_id, to[what])
    except DirectFanzError as error:
        return _back(request, entered, error)
    return see_other(request, f"{entered.home}/tiers", words.get(what))


@post("/studio/{slug:str}/tiers/move", status_code=200, guards=[signed_in])
async def move_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    """One place up or down among those that are not archived."""
    entered = await studio.enter(backends, caller, slug, "tiers")
    form = (await read_form(request, MoveForm)).data
    found = await tiers.all_tiers(backends, caller, entered.creator.id)
    order = [each.tier.id for each in found]
    places = [place for place, each in enumerate(found) if each.tier.state != "archived"]
    try:
        at = places.index(order.index(form.tier_id))
        if 0 <= at + form.by < len(places):
            here, there = places[at], places[at + form.by]
            order[here], order[there] = order[there], order[here]
            await tiers.reorder(backends, caller, entered.creator.id, order)
    except ValueError:
        return see_other(request, f"{entered.home}/tiers")
    except DirectFanzError as error:
        return _back(request, entered, error)
    return see_other(request, f"{entered.home}/tiers")


def form_of(asked: TierPageForm, currency: str) -> TierForm:
    least = minor_of(asked.min_amount, currency, "min_amount", needed=True)
    assert least is not None
    return TierForm(
        name=asked.name, about=asked.about, benefits=asked.benefits.splitlines(), min_amount=least,
        suggested_amount=minor_of(asked.suggested_amount, currency, "suggested_amount"),
        yearly_min_amount=minor_of(asked.yearly_min_amount, currency, "yearly_min_amount"),
        pay_what_you_want=asked.pay_what_you_want, trial_days=asked.trial_days, cap=asked.cap,
    )  # fmt: skip


def _raised(tier: Tier, wanted: TierForm) -> bool:
    yearly, before = wanted.yearly_min_amount or 0, tier.yearly_min_amount or 0
    return wanted.min_amount > tier.min_amount or yearly > before


def _shown(tier: Tier) -> dict[str, Any]:
    def typed(minor: int | None) -> str:
        return "" if minor is None else plain(Money(minor, tier.currency))

    return {
        "name": tier.name, "about": tier.about, "benefits": "\n".join(tier.benefits), "min_amount": typed(tier.min_amount),
        "suggested_amount": typed(tier.suggested_amount), "yearly_min_amount": typed(tier.yearly_min_amount),
        "pay_what_you_want": tier.pay_what_you_want, "trial_days": tier.trial_days, "cap": tier.cap or "",
    }  # fmt: skip


def _back(request: Page, entered: Studio, error: DirectFanzError) -> Html:
    refuse(form := Form.blank(), error)
    return see_other(request, f"{entered.home}/tiers", form.problem or error.message, "problem")


def _editor(
    request: Page,
    entered: Studio,
    tier: Tier | None,
    form: Form[Any],
    status: int = 200,
    concerned: Affected | None = None,
) -> Html:
    return render(request, "memberships/tier.html", status, studio=entered, tier=tier, form=form, concerned=concerned)


routes = [tiers_page, new_page, new_do, move_do, edit_page, edit_do, state_do]
