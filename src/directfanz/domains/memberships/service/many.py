"""Many memberships that end or lapse at the same moment: a bounded number of statements, however many they are.

What `record.become` does for one. Each is looked at again under its lock; who is not `fitting` any more is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.memberships.errors import NotNow
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.policy.states import ended, may_follow
from directfanz.domains.memberships.repository import batches, memberships
from directfanz.domains.memberships.service import at_provider, telling

Fits = Callable[[Membership], bool]


async def end(backends: Backends, tx: Writer, ids: Sequence[UUID], why: str, fitting: Fits) -> None:
    """Nothing is charged for them any more, nobody gets in by them, and their members are told."""
    over = await _become(backends, tx, await _fitting(tx, ids, fitting), why, "ended", {"why": why})
    await at_provider.cancel_all(backends, tx, [row.subscription for row in over if row.subscription is not None])
    await entitlements.end_all(
        backends, tx, [(row.entitlement_source, row.id) for row in over], backends.clock.now(), why
    )
    await telling.ended_all(backends, tx, over)


async def lapse(backends: Backends, tx: Writer, ids: Sequence[UUID], fitting: Fits = lambda _: True) -> None:
    """Nothing came of them: their places, codes and trials are free again."""
    joinings = await _fitting(tx, ids, lambda row: row.state == "incomplete" and fitting(row))
    await batches.give_offers_back(tx, [row.id for row in joinings])
    await _become(backends, tx, joinings, "lapsed", "lapsed", {})


async def _fitting(tx: Writer, ids: Sequence[UUID], fitting: Fits) -> list[Membership]:
    return [row for row in await batches.lock(tx, ids) if row.state != "ended" and fitting(row)]


async def _become(
    backends: Backends, tx: Writer, rows: Sequence[Membership], why: str, kind: str, facts: Mapping[str, str]
) -> list[Membership]:
    if not rows:
        return []
    now = backends.clock.now()
    new = [ended(row, now, why) for row in rows]
    if not all(map(may_follow, rows, new)) or await batches.update(tx, new) != len(new):
        raise NotNow("A membership changed in the meantime.")
    await memberships.happened_all(tx, [row.id for row in new], now, kind, **facts)
    return new
