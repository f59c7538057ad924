"""A person's memberships: one place to see what is charged next, to change, rest and leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.memberships.models import PAUSE_MONTHS, Membership
from directfanz.domains.memberships.pages.asking import AgreeForm, CancelForm, Html, Page, PauseForm
from directfanz.domains.memberships.pages.words import HAPPENED, REASONS
from directfanz.domains.memberships.service import asking, cancelling, changes, gifts, mine, pausing
from directfanz.domains.memberships.service.limit import SpendLimit
from directfanz.domains.memberships.service.mine import Mine
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.kit.time import add_months

HOME = "/memberships"


@get("/memberships", guards=[signed_in])
async def list_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    found = await mine.all_mine(backends, caller)
    bought, claimed = await gifts.all_of(backends, caller)
    questions = {
        str(each.membership.id): await asking.open_question(backends, each.membership)
        for each in found
        if each.membership.renews
    }
    return render(
        request, "memberships/mine.html", live=[each for each in found if each.membership.is_live],
        past=[each for each in found if not each.membership.is_live], bought=bought, claimed=claimed,
        questions={name: each for name, each in questions.items() if each}, charged=_charged(found),
    )  # fmt: skip


@get("/memberships/{membership_id:uuid}", guards=[signed_in])
async def one_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> Html:
    found = await mine.one(backends, caller, membership_id)
    reasons = await entitlements.explain(backends, caller.require_user(), found.creator.id)
    history = await mine.history(backends, caller, membership_id)
    told = [{"at": each.at, "words": HAPPENED.get(each.kind, each.kind.replace("_", " "))} for each in history]
    return render(request, "memberships/one.html", mine=found, reasons=reasons, history=told)


@get("/memberships/{membership_id:uuid}/cancel", guards=[signed_in])
async def cancel_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> Html:
    return await _cancel(request, await mine.one(backends, caller, membership_id), Form.blank())


@post("/memberships/{membership_id:uuid}/cancel", status_code=200, guards=[signed_in])
async def cancel_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> Html:
    form, status = await read_form(request, CancelForm), UNPROCESSABLE
    if form.value is not None:
        try:
            row = await cancelling.cancel(backends, caller, membership_id, form.value.reason, form.value.comment)
            return see_other(request, HOME, _cancelled(row))
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _cancel(request, await mine.one(backends, caller, membership_id), form, status)


@post("/memberships/{membership_id:uuid}/stay", status_code=200, guards=[signed_in])
async def stay_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> Html:
    return await _done(
        request, cancelling.take_back(backends, caller, membership_id), "You stay. It goes on as before."
    )


@get("/memberships/{membership_id:uuid}/pause", guards=[signed_in])
async def pause_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> Html:
    found = await mine.one(backends, caller, membership_id)
    now = backends.clock.now()
    until = [{"months": months, "day": add_months(now, months)} for months in PAUSE_MONTHS]
    return render(request, "memberships/pause.html", mine=found, until=until, form=Form.blank(months="1"))


@post("/memberships/{membership_id:uuid}/pause", status_code=200, guards=[signed_in])
async def pause_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> Html:
    form = await read_form(request, PauseForm)
    months = int(form.data.months) if form.data.months.isdigit() else None
    return await _done(
        request, pausing.pause(backends, caller, membership_id, months), "Paused. Nothing is charged until it goes on."
    )


@post("/memberships/{membership_id:uuid}/resume", status_code=200, guards=[signed_in])
async def resume_do(
    request: Page,
    backends: Given[Backends],
    caller: Given[Caller],
    spend_limit: Given[SpendLimit],
    membership_id: FromPath[UUID],
) -> Html:
    return await _done(request, pausing.resume(backends, caller, membership_id, spend_limit), "It goes on.")


@post("/memberships/{membership_id:uuid}/change/take-back", status_code=200, guards=[signed_in])
async def keep_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> Html:
    return await _done(request, changes.take_back(backends, caller, membership_id), "It stays as it is.")


@post("/memberships/{membership_id:uuid}/agree", status_code=200, guards=[signed_in])
async def agree_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], membership_id: FromPath[UUID]
) -> Html:
    form = await read_form(request, AgreeForm)
    agreed = asking.agree(backends, caller, membership_id, form.data.change_id)
    return await _done(request, agreed, "Thank you. The new price begins at your next renewal.")


async def _done(request: Page, work: Any, words: str) -> Html:
    """A button of the list: it says beside the list what became of it."""
    try:
        await work
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, HOME, form.problem or error.message, "problem")
    return see_other(request, HOME, words)


async def _cancel(request: Page, found: Mine, form: Form[Any], status: int = 200) -> Html:
    return render(request, "memberships/cancel.html", status, mine=found, form=form, reasons=REASONS)


def _cancelled(row: Membership) -> str:
    if row.state == "ended":
        return "Your membership has ended. Nothing more is charged."
    return "Cancelled. Nothing more is charged, and what you paid for stays until its end."


def _charged(found: list[Mine]) -> list[dict[str, Any]]:
    """What is charged next, the nearest first."""
    rows = [
        {"at": each.membership.period_end, "mine": each, "price": each.membership.price}
        for each in found
        if each.membership.renews and each.membership.state != "past_due" and each.membership.period_end
    ]
    return sorted(rows, key=lambda each: each["at"])


routes = [
    list_page, one_page, cancel_page, cancel_do, stay_do, pause_page, pause_do, resume_do, keep_do, agree_do,
]  # fmt: skip
