"""What operators see of pages, and do to them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from directfanz.backends import Backends
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.audit import service as audit
from directfanz.domains.audit.models import Wanted
from directfanz.domains.creators.models import PLATFORM_FEE_BPS, State
from directfanz.domains.creators.pages.asking import Html, Page, ReasonForm, TermsForm
from directfanz.domains.creators.policy.account_words import in_words
from directfanz.domains.creators.service import lookup, operators
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, recently_confirmed, require_role
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.kit.paging import page_of

LISTING = "admin-creators"
SHOWN_ENTRIES = 10
OPERATOR = require_role("admin")
Search = Annotated[str, QueryParameter(max_length=100)]
STATES: dict[str, State] = {each: each for each in ("draft", "published", "suspended", "closed")}


@get("/admin/creators", guards=[OPERATOR], dependencies=PAGE)
async def creators_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], search: Search = "",
    status: FromQuery[str] = "",
) -> Html:  # fmt: skip
    position = page.position(backends, LISTING, tuple[UUID])
    before = position[0] if position else None
    found = await operators.list_pages(backends, caller, STATES.get(status), search or None, before, page.limit + 1)
    shown = page_of(found, page.limit, cursor_key(backends), LISTING, lambda creator: (creator.id,))
    asked = {"search": search, "status": status, "cursor": shown.next or ""}
    more = "/admin/creators?" + urlencode({name: value for name, value in asked.items() if value})
    return render(
        request, "creators/admin/creators.html", creators=shown.items, search=search, chosen=status,
        next_href=more if shown.next else None,
    )  # fmt: skip


@get("/admin/creators/{creator_id:uuid}", guards=[OPERATOR])
async def creator_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID]
) -> Html:
    return await _creator(request, backends, creator_id, Form.blank())


@post("/admin/creators/{creator_id:uuid}/suspend", status_code=200, guards=[OPERATOR])
async def suspend_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID]
) -> Html:
    form, status = await read_form(request, ReasonForm), UNPROCESSABLE
    if form.value is not None:
        try:
            creator = await operators.suspend(backends, caller, creator_id, form.value.reason)
            return _back(request, creator_id, f"{creator.name} is suspended. You can lift it below.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _creator(request, backends, creator_id, form, status)


@post("/admin/creators/{creator_id:uuid}/unsuspend", status_code=200, guards=[OPERATOR])
async def unsuspend_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID]
) -> Html:
    try:
        creator = await operators.unsuspend(backends, caller, creator_id)
    except DirectFanzError as error:
        return see_other(request, f"/admin/creators/{creator_id}", error.message, "problem")
    return _back(request, creator_id, f"{creator.name} is back.")


@post("/admin/creators/{creator_id:uuid}/terms", status_code=200, guards=[OPERATOR, recently_confirmed])
async def terms_do(request: Page, backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID]) -> Html:
    form, status = await read_form(request, TermsForm), UNPROCESSABLE
    if form.value is not None:
        try:
            await operators.set_terms(backends, caller, creator_id, form.value.fee_bps, form.value.hold_days)
            return _back(request, creator_id, "Saved.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _creator(request, backends, creator_id, Form.blank(), status, terms=form)


def _back(request: Page, creator_id: UUID, words: str) -> Html:
    return see_other(request, f"/admin/creators/{creator_id}", words)


async def _creator(
    request: Page, backends: Backends, creator_id: UUID, form: Form[Any], status: int = 200,
    terms: Form[Any] | None = None,
) -> Html:  # fmt: skip
    async with backends.database.writing() as tx:
        creator = await lookup.by_id(tx, creator_id)
        owner_id = await lookup.owner_of(tx, creator_id)
        owner = (await people_of(tx, [owner_id])).get(owner_id)
    events = await audit.newest(backends, Wanted(subject=creator_id), None, SHOWN_ENTRIES)
    kept = terms or Form.blank(fee_bps="" if creator.fee_bps is None else creator.fee_bps, hold_days=creator.hold_days)
    return render(
        request, "creators/admin/creator.html", status, creator=creator, owner=owner, form=form, terms=kept,
        missing=in_words(creator.account_missing), events=events, default_fee=PLATFORM_FEE_BPS,
    )  # fmt: skip


routes = [creators_page, creator_page, suspend_do, unsuspend_do, terms_do]
