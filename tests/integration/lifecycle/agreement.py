"""Whether everybody agrees with everybody: the provider, the book, memberships, entitlements."""

from __future__ import annotations

from datetime import datetime, timedelta

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Subscription
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.ledger.invariants import INVARIANTS as OF_LEDGER
from directfanz.domains.ledger.models import broken_of
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.repository import memberships
from directfanz.domains.payments.invariants import INVARIANTS as OF_PAYMENTS
from directfanz.domains.payments.service import reconciling
from tests.integration.lifecycle.year import Year

_UNHEARD = "SELECT kind, error FROM provider_events WHERE processed_at IS NULL"


async def disagreements(year: Year) -> list[str]:
    """All of them, in words; there should be none."""
    backends = year.backends
    found = [str(row) for row in await backends.database.fetch(_UNHEARD)]
    done = await reconciling.reconcile(backends, backends.clock.now() - timedelta(days=25))
    found += [f"reconciliation: {each}" for each in done.differences]
    async with backends.database.writing("repeatable_read") as tx:
        found += await broken_of(tx, (*OF_LEDGER, *OF_PAYMENTS))
        found += [f"entitlement: {each}" for each in await entitlements.compare(tx, backends.clock.now())]
    return found + await _other_states(backends)


async def _other_states(backends: Backends) -> list[str]:
    """Each membership is what its subscription is now, by a rule of this test's own."""
    rows = await backends.database.fetch("SELECT id FROM memberships WHERE subscription IS NOT NULL")
    found = []
    for each in rows:
        row = await memberships.find(backends.database, each["id"])
        assert row is not None
        assert row.subscription is not None
        said = await backends.billing.subscription(row.subscription)
        if row.state != (expected := _state(said)) and (row.state, expected) != ("trialing", "active"):
            found.append(f"{row.id} is {row.state} ({row.end_reason}), and its subscription {expected}")
        elif row.state in ("active", "trialing", "canceled") and _figures(row) != (
            said.price.minor,
            said.interval,
            said.period_end,
        ):
            found.append(f"{row.id} has {_figures(row)}, and the provider says {said}")
    return found


def _state(said: Subscription) -> str:
    if said.state in ("canceled", "incomplete_expired"):
        return "ended"
    if said.state in ("past_due", "unpaid"):
        return "past_due"
    if said.cancels_at_end:
        return "canceled"
    return "paused" if said.collection_paused else "active"  # a trial at the provider is also what postpones a charge


def _figures(row: Membership) -> tuple[int, str, datetime | None]:
    return row.amount, row.interval, row.period_end
