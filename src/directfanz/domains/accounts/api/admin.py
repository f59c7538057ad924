"""What administrators do to accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.accounts.api.me import SignedOut
from directfanz.domains.accounts.models import Status, User, avatar_url
from directfanz.domains.accounts.repository.people import UserFilter
from directfanz.domains.accounts.service import admin
from directfanz.http.caller import Caller, Role, recently_confirmed, require_role, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

TAG = ["Administration"]
LISTING = "admin-users"
READS = [require_role("admin"), require_scope("admin:read")]
WRITES = [require_role("admin"), require_scope("admin:write")]


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    email: str | None
    handle: str
    display_name: str
    avatar: str | None
    role: Role
    status: Status
    status_reason: str | None
    created_at: datetime


class SuspendAsk(Input, frozen=True):
    reason: Annotated[str, Meta(max_length=1000, description="The person is told, and the audit log keeps it.")]


class RoleAsk(Input, frozen=True):
    role: Role


def view_of(user: User) -> UserView:
    shown = {name: getattr(user, name) for name in UserView.__struct_fields__}
    return UserView(**{**shown, "avatar": avatar_url(user.avatar)})


@get("/admin/users", guards=READS, dependencies=PAGE, tags=TAG)
async def list_users(
    request: Request[Any, Any, Any],
    backends: Given[Backends],
    caller: Given[Caller],
    page: Given[PageAsk],
    search: Annotated[
        str | None, QueryParameter(max_length=100, description="Part of a handle, a name or an address.")
    ] = None,
    status: FromQuery[Status | None] = None,
    role: FromQuery[Role | None] = None,
) -> Response[Paged[UserView]]:
    """Newest first."""
    position = page.position(backends, LISTING, tuple[UUID])
    before = position[0] if position else None
    wanted = UserFilter(search=search or None, status=status, role=role)
    found = await admin.list_users(backends, caller, wanted, before, page.limit + 1)
    rows = [view_of(user) for user in found]
    return paged(request, backends, LISTING, rows, page.limit, lambda user: (user.id,))


@get("/admin/users/{user_id:uuid}", guards=READS, tags=TAG)
async def get_user(backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID]) -> UserView:
    """One account."""
    return view_of(await admin.user_for_admin(backends, caller, user_id))


@post("/admin/users/{user_id:uuid}/suspend", status_code=200, guards=WRITES, tags=TAG)
async def suspend_user(
    backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID], data: JSONBody[SuspendAsk]
) -> UserView:
    """Ends every session at once."""
    return view_of(await admin.suspend(backends, caller, user_id, data.reason))


@post("/admin/users/{user_id:uuid}/unsuspend", status_code=200, guards=WRITES, tags=TAG)
async def unsuspend_user(backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID]) -> UserView:
    """They can sign in again."""
    return view_of(await admin.unsuspend(backends, caller, user_id))


@put("/admin/users/{user_id:uuid}/role", guards=[require_role("admin"), recently_confirmed], tags=TAG)
async def change_role(
    backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID], data: JSONBody[RoleAsk]
) -> UserView:
    """Signs the person out everywhere."""
    return view_of(await admin.change_role(backends, caller, user_id, data.role))


@delete("/admin/users/{user_id:uuid}/sessions", status_code=200, guards=WRITES, tags=TAG)
async def sign_out_user(backends: Given[Backends], caller: Given[Caller], user_id: FromPath[UUID]) -> SignedOut:
    """For an account that looks taken over."""
    return SignedOut(await admin.sign_out_user(backends, caller, user_id))


routes = [list_users, get_user, suspend_user, unsuspend_user, change_role, sign_out_user]
