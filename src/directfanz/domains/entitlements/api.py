"""What somebody may see, and why."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import PathParameter, QueryParameter

from directfanz.backends import Backends
from directfanz.domains.creators.service import lookup
from directfanz.domains.entitlements import service
from directfanz.domains.entitlements.models import Reason
from directfanz.http.caller import Caller, require_role, require_scope
from directfanz.http.dependencies import Given

TAG = ["Access"]
TAGS = {"Access": "Who may see what, until when, and why."}
READ, ADMIN_READ = require_scope("memberships:read"), require_scope("admin:read")
Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page, of today or of before.")]


@get("/me/entitlements", guards=[READ], tags=TAG, summary="All that is or was open to you, and why")
async def mine(backends: Given[Backends], caller: Given[Caller]) -> list[Reason]:
    return await service.explain(backends, caller.require_user())


@get("/creators/{slug:str}/access", guards=[READ], tags=TAG, summary="Why this page is open to you, or is not")
async def of_page(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[Reason]:
    async with backends.database.writing() as tx:
        creator = await lookup.by_slug(tx, slug)
    return await service.explain(backends, caller.require_user(), creator.id)


@get(
    "/admin/access", guards=[require_role("admin"), ADMIN_READ], tags=["Operators"],
    summary="Why something is open to somebody, or is not",
)  # fmt: skip
async def of_somebody(
    backends: Given[Backends], user_id: Annotated[UUID, QueryParameter(description="Whose access.")],
    creator_id: Annotated[UUID | None, QueryParameter(description="Only with this page.")] = None,
) -> list[Reason]:  # fmt: skip
    return await service.explain(backends, user_id, creator_id)


routes = [mine, of_page, of_somebody]
