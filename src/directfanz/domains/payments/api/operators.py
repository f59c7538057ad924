from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import PathParameter, QueryParameter

from directfanz.backends import Backends
from directfanz.domains.payments.models import KeptEvent, Reconciliation
from directfanz.domains.payments.service import overseeing, reconciling
from directfanz.http.caller import Caller, require_role, require_scope
from directfanz.http.dependencies import Given

TAG = ["Operators"]
SEES, ACTS = [require_role("admin"), require_scope("admin:read")], [require_role("admin"), require_scope("admin:write")]
EventId = Annotated[str, PathParameter(max_length=100)]


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    event_id: str
    kind: str
    object_id: str
    created_at: datetime
    received_at: datetime
    processed_at: datetime | None
    handled: bool
    attempts: int
    error: str | None


def event_of(kept: KeptEvent) -> EventView:
    return EventView(**{name: getattr(kept, name) for name in EventView.__struct_fields__})


@get("/admin/provider-events", guards=SEES, tags=TAG, summary="What the billing provider told us")
async def provider_events(
    backends: Given[Backends],
    failed: Annotated[bool, QueryParameter(description="Only those that could not be handled.")] = False,
) -> list[EventView]:
    return [event_of(each) for each in await overseeing.newest_events(backends, failed=failed)]


@post(
    "/admin/provider-events/{event_id:str}/replay", status_code=200, guards=ACTS, tags=TAG, summary="Handle one again"
)
async def replay(backends: Given[Backends], caller: Given[Caller], event_id: EventId) -> EventView:
    return event_of(await overseeing.replay(backends, caller, event_id))


@get(
    "/admin/reconciliations", guards=SEES, tags=TAG, summary="The provider's account beside our ledger, night by night"
)
async def reconciliations(backends: Given[Backends]) -> list[Reconciliation]:
    return await reconciling.newest(backends)


@post("/admin/reconciliations", status_code=200, guards=ACTS, tags=TAG, summary="Compare them now")
async def reconcile(backends: Given[Backends]) -> Reconciliation:
    return await reconciling.reconcile(backends)


routes = [provider_events, replay, reconciliations, reconcile]
