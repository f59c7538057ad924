"""A person's own data: taken along, and the account closed or kept."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import lookup
from directfanz.domains.privacy.models import GRACE_DAYS, Export
from directfanz.domains.privacy.service import exports, leaving
from directfanz.errors import DirectFanzError
from directfanz.http.caller import SESSION_COOKIE, Caller, recently_confirmed, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import refuse
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
HERE = "/settings/privacy"
UNITS = ("bytes", "kB", "MB", "GB", "TB")


class CloseForm(Input, frozen=True):
    handle: Annotated[str, Meta(max_length=100)]


@get("/")
async def data_page(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    return await _data(request, backends, caller, Form.blank())


@post("/exports", status_code=200, guards=[recently_confirmed], opt=rate_limit("export", per_hour=10))
async def export_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form = Form.blank()
    try:
        await exports.ask_export(backends, caller)
    except DirectFanzError as error:
        refuse(form, error)
        return see_other(request, HERE, form.problem, "info")
    return see_other(request, HERE, "We collect your data. You are notified when it is ready.", "info")


@get("/exports/{export_id:uuid}/download")
async def download(backends: Given[Backends], caller: Given[Caller], export_id: FromPath[UUID]) -> Redirect:
    return Redirect(await exports.download_link(backends, caller, export_id), status_code=303)


@post("/close", status_code=200, guards=[recently_confirmed])
async def close_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form, status = await read_form(request, CloseForm), 422
    if form.value is not None and form.value.handle.removeprefix("@").lower() != caller.handle:
        form.refuse("handle", f"Type {caller.handle}, so that nothing happens by mistake.")
    if form.value is not None:
        try:
            await leaving.close_account(backends, caller)
            notice = f"Your account is closing. Sign in within {GRACE_DAYS} days to keep it."
            answer = see_other(request, "/", notice, "info")
            answer.delete_cookie(SESSION_COOKIE)
            return answer
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _data(request, backends, caller, form, status)


@post("/keep", status_code=200)
async def keep_do(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    form = Form.blank()
    try:
        await leaving.keep_account(backends, caller)
    except DirectFanzError as error:
        refuse(form, error)
        return see_other(request, HERE, form.problem, "info")
    return see_other(request, HERE, "Good to have you back. Your account stays.")


async def _data(request: Page, backends: Backends, caller: Caller, form: Form[Any], status: int = 200) -> Html:
    asked = await exports.list_exports(backends, caller)
    shown = {
        "form": form, "grace_days": GRACE_DAYS, "closing": await leaving.find_closing(backends, caller),
        "exports": [_shown(each) for each in asked],
        "waiting": any(each.state in ("waiting", "running") for each in asked), "owned": await _owned(backends, caller),
    }  # fmt: skip
    return render(request, "privacy/your_data.html", status, **shown)


async def _owned(backends: Backends, caller: Caller) -> list[str]:
    """Pages that go with their owner."""
    async with backends.database.writing() as tx:
        return [page.name for page, role in await lookup.of_user(tx, caller.require_user()) if role == "owner"]


def _shown(export: Export) -> dict[str, object]:
    return {**msgspec.structs.asdict(export), "size_words": spoken_size(export.bytes or 0)}


def spoken_size(count: float) -> str:
    """`1.4 MB`"""
    unit = 0
    while count >= 1000 and unit < len(UNITS) - 1:
        count, unit = count / 1000, unit + 1
    return f"{count:.0f} {UNITS[unit]}" if unit == 0 or count >= 10 else f"{count:.1f} {UNITS[unit]}"


routes = [
    Router(
        HERE, route_handlers=[data_page, export_do, download, close_do, keep_do], guards=[signed_in],
        include_in_schema=False,
    )
]  # fmt: skip
