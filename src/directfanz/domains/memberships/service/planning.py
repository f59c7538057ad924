"""Telling the provider what is planned for the renewal. The job says what the row says then, so late and twice are the same."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.creators.service import lookup
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.repository import memberships, tiers
from directfanz.domains.memberships.service.terms import terms_of
from directfanz.errors import NotFound
from directfanz.kit.ids import new_id


class Plan(msgspec.Struct, frozen=True):
    membership_id: UUID
    key: str


async def plan(backends: Backends, tx: Writer, row: Membership) -> None:
    """A key of its own each time: the same wish after another one is a new wish."""
    await backends.jobs.enqueue(tx, PLAN, Plan(row.id, f"plan {new_id()}"), lock=f"membership {row.id}")


async def _plan(backends: Backends, payload: Plan) -> None:
    async with backends.database.writing() as tx:
        row = await memberships.find(tx, payload.membership_id)
        if row is None or row.subscription is None or row.state in ("ended", "canceled") or row.pending_now:
            return
        tier = await tiers.find(tx, row.pending_tier_id) if row.pending_tier_id else None
        creator = await lookup.by_id(tx, row.creator_id)
    try:
        if tier is None:
            await backends.billing.take_back_change(row.subscription, key=payload.key)
            return
        assert row.pending_amount is not None
        assert row.pending_interval is not None
        terms = terms_of(row, creator, tier, row.pending_amount, row.pending_interval)
        await backends.billing.change_at_renewal(row.subscription, terms, key=payload.key)
    except NotFound:
        return  # it ended in the meantime; the provider's own word of that is on its way


PLAN = Job("memberships.plan_at_provider", Plan, _plan)
