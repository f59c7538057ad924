from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import QueryParameter

from directfanz.backends import Backends
from directfanz.domains.audit import service
from directfanz.domains.audit.models import Entry, Wanted
from directfanz.http.caller import require_role, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.paging import PAGE, PageAsk, Paged, paged

LISTING = "audit"
Action = Annotated[
    str | None, QueryParameter(max_length=80, description="The beginning of an action, such as accounts.")
]
Subject = Annotated[UUID | None, QueryParameter(description="Who did it, or to whom it was done.")]


@get(
    "/admin/audit",
    guards=[require_role("admin"), require_scope("admin:read")],
    dependencies=PAGE,
    summary="What was done, the newest first",
    tags=["Operators"],
)
async def entries(
    request: Request[Any, Any, Any],
    backends: Given[Backends],
    page: Given[PageAsk],
    action: Action = None,
    subject: Subject = None,
) -> Response[Paged[Entry]]:
    before = page.position(backends, LISTING, tuple[int])
    wanted = Wanted(action=action, subject=subject)
    rows = await service.newest(backends, wanted, before[0] if before else None, page.limit + 1)
    return paged(request, backends, LISTING, rows, page.limit, lambda entry: (entry.position,))


routes = [entries]
