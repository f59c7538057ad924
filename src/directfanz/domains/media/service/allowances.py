"""How much a page may keep."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.service import lookup
from directfanz.domains.media.models import Usage
from directfanz.domains.media.policy import limits
from directfanz.domains.media.repository import uploads
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller


async def set_plan(backends: Backends, caller: Caller, creator_id: UUID, plan: str) -> Usage:
    known = backends.platform.media_plans
    if plan not in known:
        raise InvalidInput.in_field("plan", "There is no such plan.", f"Use one of: {', '.join(known)}.")
    async with backends.database.writing() as tx:
        await lookup.by_id(tx, creator_id)
        await uploads.set_plan(tx, creator_id, plan, backends.clock.now())
        await audit.record(tx, actor=caller.user_id, action="media.plan_set", target=creator_id, plan=plan)
        return limits.usage_of(backends.platform, await uploads.kept_by(tx, creator_id))
