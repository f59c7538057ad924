"""What administrators do to accounts."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from directfanz.backends import Backends
from directfanz.domains.accounts.models import Status, avatar_url
from directfanz.domains.accounts.pages.asking import Html, Page, Text
from directfanz.domains.accounts.repository.people import UserFilter
from directfanz.domains.accounts.service import admin
from directfanz.domains.audit import service as audit
from directfanz.domains.audit.models import Wanted
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, Role, recently_confirmed
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import UNPROCESSABLE, refuse
from directfanz.http.validation import Input
from directfanz.kit.paging import page_of

LISTING = "admin-users"
SHOWN_ENTRIES = 10
Search = Annotated[str, QueryParameter(max_length=100)]


class ReasonForm(Input, frozen=True):
    reason: Text


class RoleForm(Input, frozen=True):
    role: Role


@get("/users", dependencies=PAGE)
async def users_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], search: Search = "",
    status: FromQuery[str] = "",
    role: FromQuery[str] = "",
) -> Html:  # fmt: skip
    wanted = _wanted(search, status, role)
    position = page.position(backends, LISTING, tuple[UUID])
    found = await admin.list_users(backends, caller, wanted, position[0] if position else None, page.limit + 1)
    shown = page_of(found, page.limit, cursor_key(backends), LISTING, lambda user: (user.id,))
    asked = {"search": search, "status": status, "role": role, "cursor": shown.next or ""}
    more = "/admin/users?" + urlencode({name: value for name, value in asked.items() if value})
    next_href = more if shown.next else None
    return render(
        request, "accounts/admin/users.html", users=shown.items, wanted=wanted, next_href=next_href,
        avatar_url=avatar_url,
    )  # fmt: skip


@get("/users/{user_id:uuid}")
async def user_page(request: Page, backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID]) -> Html:
    return await _user(request, backends, caller, user_id, Form.blank())


@post("/users/{user_id:uuid}/suspend", status_code=200)
async def suspend(request: Page, backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID]) -> Html:
    form, status = await read_form(request, ReasonForm), UNPROCESSABLE
    if form.value is not None:
        try:
            user = await admin.suspend(backends, caller, user_id, form.value.reason)
            return _back(request, user_id, f"{user.display_name} is suspended. You can lift it below.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _user(request, backends, caller, user_id, form, status)


@post("/users/{user_id:uuid}/unsuspend", status_code=200)
async def unsuspend(request: Page, backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID]) -> Html:
    form = Form.blank()
    try:
        user = await admin.unsuspend(backends, caller, user_id)
        return _back(request, user_id, f"{user.display_name} can sign in again.")
    except DirectFanzError as error:
        status = refuse(form, error)
    return await _user(request, backends, caller, user_id, form, status)


@post("/users/{user_id:uuid}/role", status_code=200, guards=[recently_confirmed])
async def role_do(request: Page, backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID]) -> Html:
    form = await read_form(request, RoleForm)
    try:
        user = await admin.change_role(backends, caller, user_id, form.data.role)
        return _back(request, user_id, f"{user.display_name} now has the role {user.role} and signs in anew.")
    except DirectFanzError as error:
        status = refuse(form, error)
    return await _user(request, backends, caller, user_id, form, status)


@post("/users/{user_id:uuid}/sign-out", status_code=200)
async def sign_out(request: Page, backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID]) -> Html:
    ended = await admin.sign_out_user(backends, caller, user_id)
    return _back(request, user_id, f"{ended} session{'s' if ended != 1 else ''} ended.")


def _wanted(search: str, status: str, role: str) -> UserFilter:
    """An empty choice of the form means any; so does a word that is none of the choices."""
    statuses: tuple[Status, ...] = ("active", "unverified", "suspended", "closing", "erased")
    roles: tuple[Role, ...] = ("fan", "creator", "admin")
    return UserFilter(
        search=search.strip() or None,
        status=next((each for each in statuses if each == status), None),
        role=next((each for each in roles if each == role), None),
    )


def _back(request: Page, user_id: UUID, notice: str) -> Html:
    return see_other(request, f"/admin/users/{user_id}", notice)


async def _user(
    request: Page, backends: Backends, caller: Caller, user_id: UUID, form: Form[Any], status: int = 200
) -> Html:
    user = await admin.user_for_admin(backends, caller, user_id)
    entries = await audit.newest(backends, Wanted(subject=user_id), None, SHOWN_ENTRIES)
    shown = {
        "user": user,
        "events": entries,
        "form": form,
        "myself": user_id == caller.user_id,
        "avatar_url": avatar_url,
    }
    return render(request, "accounts/admin/user.html", status, **shown)


routes = [users_page, user_page, suspend, unsuspend, role_do, sign_out]
