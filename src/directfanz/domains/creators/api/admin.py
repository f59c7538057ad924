"""What operators do to pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.models import Creator, State
from directfanz.domains.creators.service import operators
from directfanz.http.caller import Caller, recently_confirmed, require_role, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

TAG = ["Administration"]
LISTING = "admin-creators"
READS = [require_role("admin"), require_scope("admin:read")]
WRITES = [require_role("admin"), require_scope("admin:write")]


class PageForOperators(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    slug: str
    name: str
    state: State
    state_reason: str | None
    currency: str
    country: str
    can_be_paid: bool
    fee_bps: int | None
    hold_days: int
    created_at: datetime


class PageSuspendAsk(Input, frozen=True):
    reason: Annotated[str, Meta(max_length=1000, description="The owner is told, and the audit log keeps it.")]


class TermsAsk(Input, frozen=True):
    """`fee_bps` null: what the platform asks of everybody."""

    fee_bps: Annotated[int, Meta(ge=0, le=operators.MOST_BPS)] | None
    hold_days: Annotated[int, Meta(ge=0, le=operators.MOST_HOLD_DAYS)]


def view_of(creator: Creator) -> PageForOperators:
    return PageForOperators(**{name: getattr(creator, name) for name in PageForOperators.__struct_fields__})


@get("/admin/creators", guards=READS, dependencies=PAGE, tags=TAG, summary="Every page, the newest first")
async def list_pages(
    request: Request[Any, Any, Any],
    backends: Given[Backends],
    caller: Given[Caller],
    page: Given[PageAsk],
    search: Annotated[str | None, QueryParameter(max_length=100, description="Part of a name or an address.")] = None,
    status: FromQuery[State | None] = None,
) -> Response[Paged[PageForOperators]]:
    position = page.position(backends, LISTING, tuple[UUID])
    before = position[0] if position else None
    found = await operators.list_pages(backends, caller, status, search or None, before, page.limit + 1)
    rows = [view_of(creator) for creator in found]
    return paged(request, backends, LISTING, rows, page.limit, lambda row: (row.id,))


@post("/admin/creators/{creator_id:uuid}/suspend", status_code=200, guards=WRITES, tags=TAG, summary="Suspend a page")
async def suspend_page(
    backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID], data: JSONBody[PageSuspendAsk]
) -> PageForOperators:
    """Nobody but its team sees it from now on."""
    return view_of(await operators.suspend(backends, caller, creator_id, data.reason))


@post(
    "/admin/creators/{creator_id:uuid}/unsuspend", status_code=200, guards=WRITES, tags=TAG,
    summary="Let a suspended page be seen again",
)  # fmt: skip
async def unsuspend_page(
    backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID]
) -> PageForOperators:
    return view_of(await operators.unsuspend(backends, caller, creator_id))


@put(
    "/admin/creators/{creator_id:uuid}/terms", guards=[require_role("admin"), recently_confirmed], tags=TAG,
    summary="Set the fee and the hold of a page",
)  # fmt: skip
async def set_terms(
    backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID], data: JSONBody[TermsAsk]
) -> PageForOperators:
    return view_of(await operators.set_terms(backends, caller, creator_id, data.fee_bps, data.hold_days))


routes = [list_pages, suspend_page, unsuspend_page, set_terms]
