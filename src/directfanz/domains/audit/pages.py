"""The log for administrators to read, and to have checked."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromQuery, QueryParameter

from directfanz.backends import Backends
from directfanz.domains.audit import service
from directfanz.domains.audit.models import Wanted
from directfanz.http.caller import require_role
from directfanz.http.dependencies import Given
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.kit.paging import page_of

Page = Request[Any, Any, Any]
LISTING = "audit"
HERE = "/admin/audit"
Action = Annotated[str, QueryParameter(max_length=80)]


@get("/", dependencies=PAGE)
async def log_page(
    request: Page,
    backends: Given[Backends],
    page: Given[PageAsk],
    action: Action = "",
    subject: FromQuery[UUID | None] = None,
) -> Response[Any]:
    before = page.position(backends, LISTING, tuple[int])
    wanted = Wanted(action=action.strip() or None, subject=subject)
    rows = await service.newest(backends, wanted, before[0] if before else None, page.limit + 1)
    shown = page_of(rows, page.limit, cursor_key(backends), LISTING, lambda entry: (entry.position,))
    asked = {"action": wanted.action, "subject": subject, "cursor": shown.next}
    more = f"{HERE}?" + urlencode({name: value for name, value in asked.items() if value})
    next_href = more if shown.next else None
    return render(request, "audit/log.html", entries=shown.items, wanted=wanted, next_href=next_href)


@post("/check", status_code=200)
async def check_do(request: Page, backends: Given[Backends]) -> Response[Any]:
    checked = await service.check(backends)
    if checked.whole:
        return see_other(request, HERE, f"All {checked.entries:,} entries are there, unchanged and in order.")
    return see_other(request, HERE, f"The chain is broken at entry {checked.broken_at:,}.", "problem")


routes = [Router(HERE, route_handlers=[log_page, check_do], guards=[require_role("admin")], include_in_schema=False)]
