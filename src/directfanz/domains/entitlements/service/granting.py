"""Giving and ending reasons, on the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.entitlements import repository
from directfanz.domains.entitlements.models import Difference, Grant, Source
from directfanz.domains.entitlements.service import memory

# What `entitlement_claims` tells of. A team's rights are asked for where the team is kept.
CLAIMED: tuple[Source, ...] = ("membership", "gift", "comp", "purchase")
DIFFERENCES_AT_ONCE = 1000


async def grant(backends: Backends, tx: Writer, wanted: Grant) -> bool:
    """May be called again with the same. True when something changed."""
    changed = await repository.grant(tx, wanted, backends.clock.now())
    if changed:
        await memory.changing(backends, tx, [(wanted.user_id, wanted.creator_id)])
    return changed


async def grant_all(backends: Backends, tx: Writer, wanted: Sequence[Grant]) -> None:
    """Many tiers in one statement, each source once."""
    if wanted:
        await memory.changing(backends, tx, await repository.grant_all(tx, wanted))


async def end(backends: Backends, tx: Writer, source: Source, source_id: UUID, at: datetime, why: str) -> bool:
    """All that this source gave ends now. May be called again; the first reason stays. True when something changed."""
    concerned = await repository.end(tx, source, source_id, at, why)
    await memory.changing(backends, tx, concerned)
    return bool(concerned)


async def end_all(
    backends: Backends, tx: Writer, sources: Sequence[tuple[Source, UUID]], at: datetime, why: str
) -> None:
    """As `end`, of many sources in one statement."""
    if sources:
        await memory.changing(backends, tx, await repository.end_all(tx, sources, at, why))


async def rerank(backends: Backends, tx: Writer, source_ids: Sequence[UUID], rank: int, tier_name: str) -> None:
    """Their tier has another place or name."""
    await memory.changing(backends, tx, await repository.rerank(tx, source_ids, rank, tier_name))


async def compare(reader: Reader, now: datetime) -> list[Difference]:
    """Where the rows and what they come from disagree, a thousand at most. There should be none."""
    return await repository.differences(reader, list(CLAIMED), now, DIFFERENCES_AT_ONCE)


async def rebuild(backends: Backends, tx: Writer, now: datetime) -> list[Difference]:
    """Makes the rows say what their sources say; returns what was mended, a thousand at most: call it until it finds nothing."""
    found = await compare(tx, now)
    for each in found:
        if each.claimed is None:
            await repository.end(tx, each.source, each.source_id, now, "rebuilt")
        else:
            await repository.grant(tx, _claimed(each), now)
    await memory.changing(backends, tx, _concerned(found))
    return found


def _claimed(each: Difference) -> Grant:
    assert each.claimed is not None
    return Grant(
        user_id=each.user_id, creator_id=each.creator_id, source=each.source, source_id=each.source_id,
        scope=each.scope, object_id=each.object_id, rank=each.claimed.rank, starts_at=each.claimed.starts_at,
        ends_at=each.claimed.ends_at, tier_name=each.claimed.tier_name,
    )  # fmt: skip


def _concerned(found: Sequence[Difference]) -> list[tuple[UUID, UUID]]:
    return [(each.user_id, each.creator_id) for each in found]
