"""After a tier's place or name changed, what its members are entitled to says so: a batch at a time, in a job."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.memberships.repository import members, tiers

MEMBERS_AT_ONCE = 500


class Regrant(msgspec.Struct, frozen=True):
    tier_ids: list[UUID]


async def regrant(backends: Backends, tx: Writer, tier_ids: Sequence[UUID]) -> None:
    if tier_ids:
        await backends.jobs.enqueue(tx, REGRANT, Regrant(list(tier_ids)))


async def _regrant(backends: Backends, payload: Regrant) -> None:
    for tier_id in payload.tier_ids:
        after: UUID | None = None
        while True:
            async with backends.database.writing() as tx:
                tier = await tiers.lock(tx, tier_id)
                sources = await members.sources_in(tx, tier_id, after, MEMBERS_AT_ONCE)
                if tier is None or not sources:
                    break
                await entitlements.rerank(backends, tx, sources, tier.rank, tier.name)
                after = sources[-1]


REGRANT = Job("memberships.regrant", Regrant, _regrant, timeout_seconds=1800)
