"""What operators say of how much a page may keep."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.media.api.views import UsageView
from directfanz.domains.media.service import allowances
from directfanz.http.caller import Caller, require_role, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.validation import Input


class PlanAsk(Input, frozen=True, kw_only=True):
    plan: Annotated[str, Meta(max_length=31, description="One of [media_plans] in platform.toml.")]


@put(
    "/admin/creators/{creator_id:uuid}/media-plan",
    guards=[require_role("admin"), require_scope("admin:write")],
    tags=["Administration"],
    summary="Say how much a page may keep",
)
async def set_media_plan(
    backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID], data: JSONBody[PlanAsk]
) -> UsageView:
    """What it keeps already stays, also above a smaller plan."""
    found = await allowances.set_plan(backends, caller, creator_id, data.plan)
    return UsageView(**{name: getattr(found, name) for name in UsageView.__struct_fields__})


routes = [set_media_plan]
