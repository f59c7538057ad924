"""A provider that answers from memory, and many members at once: what the benchmarks of money stand on.

The provider's own time is not ours to measure, so it takes none. Everything of ours is real: PostgreSQL, the ledger with its
triggers, papers, notifications, the jobs that are enqueued.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event, Invoice, InvoiceLine, Payment, Subscription
from directfanz.errors import NotFound
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

PRICE, FEE, NONE = Money(1000, "EUR"), Money(40, "EUR"), Money(0, "EUR")
CREATORS = 50
STRETCH = 5_000
T = TypeVar("T")


class Memory:
    """As much of the billing contract as events ask for."""

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        self.invoices: dict[str, Invoice] = {}
        self.subscriptions: dict[str, Subscription] = {}

    async def payment(self, payment_id: str) -> Payment:
        return _there(self.payments.get(payment_id))

    async def invoice(self, invoice_id: str) -> Invoice:
        return _there(self.invoices.get(invoice_id))

    async def subscription(self, subscription_id: str) -> Subscription:
        return _there(self.subscriptions.get(subscription_id))


def _there(found: T | None) -> T:
    if found is None:
        raise NotFound("The benchmark's provider does not know it.")
    return found


def with_memory(backends: Backends) -> tuple[Backends, Memory]:
    memory: Any = Memory()
    return replace(backends, billing=memory), memory


async def fill(backends: Backends, people: int) -> tuple[list[UUID], list[UUID]]:
    """Users, and pages of the first of them."""
    now = backends.clock.now()
    users = [new_id() for _ in range(people)]
    pages = [new_id() for _ in range(CREATORS)]
    for first in range(0, people, STRETCH):
        async with backends.database.writing() as tx:
            await tx.execute(
                """INSERT INTO users (id, email, handle, display_name, status, status_changed_at, created_at, updated_at)
                   SELECT id, 'u' || n + $3 || '@example.com', 'u' || n + $3 || '_bench', 'Ben ' || n + $3, 'active', $2, $2, $2
                     FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, n)""",
                users[first : first + STRETCH], now, first,
            )  # fmt: skip
    async with backends.database.writing() as tx:
        await tx.execute(
            """INSERT INTO creators (id, slug, name, accent, currency, country, state, published_at, created_at, updated_at)
               SELECT id, 'page-' || n, 'Page ' || n, '#aa3300', 'EUR', 'DE', 'published', $2, $2, $2
                 FROM unnest($1::uuid[]) WITH ORDINALITY AS c (id, n)""",
            pages, now,
        )  # fmt: skip
        await tx.execute(
            """INSERT INTO creator_members (creator_id, user_id, role, since)
               SELECT c, u, 'owner', $3 FROM unnest($1::uuid[], $2::uuid[]) AS pairs (c, u)""",
            pages, users[:CREATORS], now,
        )  # fmt: skip
    return users, pages


async def members(backends: Backends, memory: Memory, users: Sequence[UUID], pages: Sequence[UUID]) -> list[Event]:
    """Each user is a member of one page, whose next period was just paid: the event of each."""
    now = backends.clock.now()
    start, end = now, now + timedelta(days=30)
    rows = [(new_id(), user, pages[number % len(pages)], f"sub_{number}") for number, user in enumerate(users)]
    tiers = {page: new_id() for page in pages}
    async with backends.database.writing() as tx:
        await tx.execute(
            """INSERT INTO tiers (id, creator_id, rank, name, min_amount, currency, state, created_at, updated_at)
               SELECT t, c, 1, 'Gold', 500, 'EUR', 'open', $3, $3 FROM unnest($1::uuid[], $2::uuid[]) AS pairs (t, c)""",
            list(tiers.values()), list(tiers), now,
        )  # fmt: skip
    for some in (rows[first : first + STRETCH] for first in range(0, len(rows), STRETCH)):
        async with backends.database.writing() as tx:
            await tx.execute(
                """INSERT INTO memberships (id, user_id, creator_id, tier_id, state, source, amount, currency, interval, subscription,
                                            period_start, period_end, grace_until, created_at, started_at)
                   SELECT id, u, c, t, 'active', 'paid', 1000, 'EUR', 'month', s, $6, $7, $7, $6, $6
                     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[]) AS m (id, u, c, t, s)""",
                [row[0] for row in some], [row[1] for row in some], [row[2] for row in some], [tiers[row[2]] for row in some],
                [row[3] for row in some], start - timedelta(days=30), start,
            )  # fmt: skip
    return [_renewal(memory, now, start, end, number, *row) for number, row in enumerate(rows)]


def _renewal(
    memory: Memory, now: datetime, start: datetime, end: datetime, number: int, membership: UUID, user: UUID, page: UUID, name: str
) -> Event:  # fmt: skip
    about = {"membership": str(membership), "creator": str(page), "user": str(user), "kind": "membership"}
    memory.subscriptions[name] = Subscription(
        id=name, customer=f"cus_{number}", state="active", price=PRICE, interval="month", period_start=start, period_end=end,
        trial_end=None, cancels_at_end=False, collection_paused=False, ended_at=None, card=None, metadata=about,
    )  # fmt: skip
    line = InvoiceLine(text="Gold", amount=PRICE, period_start=start, period_end=end, proration=False)
    memory.invoices[f"in_{number}"] = Invoice(
        id=f"in_{number}", subscription=name, customer=f"cus_{number}", state="paid", reason="subscription_cycle", subtotal=PRICE,
        discount=NONE, tax=NONE, total=PRICE, due=PRICE, paid=PRICE, lines=[line], attempts=1, created_at=now,
        payment=f"pi_{number}", page=None, metadata=about,
    )  # fmt: skip
    memory.payments[f"pi_{number}"] = payment_of(now, f"pi_{number}", f"in_{number}", {})
    return event_of(now, f"evt_in_{number}", "invoice.paid", f"in_{number}")


def payment_of(now: datetime, name: str, invoice: str | None, about: dict[str, str]) -> Payment:
    return Payment(
        id=name, state="succeeded", amount=PRICE, refunded=NONE, fee=FEE, available_at=now + timedelta(days=2), customer=None,
        invoice=invoice, charge=f"ch_{name}", card=None, card_brand="visa", card_last4="4242", disputed=False, refusal=None,
        metadata=about,
    )  # fmt: skip


def event_of(now: datetime, name: str, kind: str, object_id: str) -> Event:
    """With as large an object as a payment is."""
    body = {"id": object_id, "filler": "x" * 2500}
    return Event(id=name, kind=kind, created_at=now, account=None, object_id=object_id, object=body)
