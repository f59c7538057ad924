"""Where people stopped watching, so that they go on there on any of their devices."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.media.repository import positions
from directfanz.domains.media.repository.positions import Position
from directfanz.domains.media.service.library import no_such_asset
from directfanz.http.caller import Caller

LONGEST_MS = 48 * 3_600_000
# Who is this near to the end has seen it, and begins anew the next time.
SEEN_SHARE, SEEN_MS = 0.97, 15_000


async def remember(backends: Backends, caller: Caller, asset_id: UUID, position_ms: int, duration_ms: int) -> Position:
    user_id = caller.require_user()
    now = backends.clock.now()
    seen = duration_ms > 0 and position_ms >= max(duration_ms * SEEN_SHARE, duration_ms - SEEN_MS)
    kept = 0 if seen else min(position_ms, duration_ms or LONGEST_MS)
    async with backends.database.writing() as tx:
        if not await positions.put(tx, user_id, asset_id, kept, duration_ms, now):
            raise no_such_asset()
    return Position(asset_id, kept, duration_ms, now)


async def where(backends: Backends, caller: Caller, asset_ids: Collection[UUID]) -> dict[UUID, int]:
    """In milliseconds; strangers and what was never begun are at 0."""
    if caller.user_id is None or not asset_ids:
        return {}
    async with backends.database.writing() as tx:  # the primary: stopped a moment ago on the phone
        found = await positions.of(tx, caller.user_id, asset_ids)
    return {asset_id: each.position_ms for asset_id, each in found.items()}
