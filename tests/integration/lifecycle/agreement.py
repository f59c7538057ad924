"""Whether everybody agrees with everybody: the provider, the book, memberships, entitlements."""

from __future__ import annotations

from datetime import timedelta

from directfanz.backends import Backends
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.ledger.invariants import INVARIANTS as OF_LEDGER
from directfanz.domains.ledger.models import broken_of
from directfanz.domains.memberships import states
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.repository import memberships
from directfanz.domains.payments.invariants import INVARIANTS as OF_PAYMENTS
from directfanz.domains.payments.service import reconciling
from tests.integration.lifecycle.year import Year

_UNHEARD = "SELECT kind, error FROM provider_events WHERE processed_at IS NULL"
_PAID = """
SELECT o.id FROM orders o JOIN memberships m ON m.id = o.membership_id
 WHERE o.paid_at IS NOT NULL GROUP BY o.id HAVING count(*) <> 1
"""


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
    """Each membership says what its subscription says now: hearing it once more would change nothing."""
    rows = await backends.database.fetch("SELECT id FROM memberships WHERE subscription IS NOT NULL")
    found = []
    for each in rows:
        row = await memberships.find(backends.database, each["id"])
        assert row is not None
        assert row.subscription is not None
        said = await backends.billing.subscription(row.subscription)
        if row.state == "ended":
            if said.state not in ("canceled", "incomplete_expired"):
                found.append(f"{row.id} ended ({row.end_reason}), and its subscription is {said.state}")
        elif _known(states.changed(states.told(row, said), said)) != _known(row):
            found.append(f"{row.id} is {_known(row)}, and the provider says {said}")
    return found


def _known(row: Membership) -> tuple[object, ...]:
    return row.state, row.amount, row.interval, row.period_end, row.tier_id, row.cancels_at_end, row.subscription
