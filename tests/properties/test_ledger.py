"""Random postings, releases, payouts and refunds, also twice: the book closes after each, and the invariants hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.backends.database.contract import Writer
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.invariants import INVARIANTS, SINCE_PROVEN
from directfanz.domains.ledger.models import AccountName, Entry, Transaction, broken_of
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money, split
from tests.support.worlds import World

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CREATORS = [UUID(int=number) for number in (1, 2)]
CURRENCIES = ["EUR", "JPY"]
operations = st.lists(
    st.tuples(
        st.sampled_from(["paid", "refund", "release", "payout", "again", "proven"]),
        st.integers(0, 1), st.integers(0, 1), st.integers(1, 10**6), st.integers(0, 20),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@pytest.fixture
async def fresh(fresh_world: World) -> AsyncIterator[Backends]:
    async with opened(fresh_world.settings, service="test") as backends:
        yield backends


class Model:
    """What a person with a sheet of paper would have: creator -> what is available and held, by currency."""

    def __init__(self, tx: Writer) -> None:
        self.tx = tx
        self.held: dict[tuple[UUID, str], list[tuple[datetime, int]]] = {}
        self.available: dict[tuple[UUID, str], int] = {}
        self.last: Transaction | None = None

    async def paid(self, who: UUID, amount: Money, day: int) -> None:
        fees, rest = split(amount, [10, 90])
        until = NOW + timedelta(days=day)
        candidates = [
            Entry(AccountName("provider"), -amount),
            Entry(AccountName("creator_held", who), rest, until),
            Entry(AccountName("platform_fees"), fees),
        ]
        entries = [entry for entry in candidates if entry.amount.minor]
        self.last = Transaction(key=f"order/{new_id()}", kind="order_paid", at=NOW, entries=entries)
        assert await ledger.post(self.tx, self.last)
        if rest.minor:
            self.held.setdefault((who, amount.currency), []).append((until, rest.minor))

    async def refund(self, who: UUID, amount: Money) -> None:
        entries = [Entry(AccountName("creator_available", who), -amount), Entry(AccountName("provider"), amount)]
        self.last = Transaction(key=f"refund/{new_id()}", kind="refund", at=NOW, entries=entries)
        assert await ledger.post(self.tx, self.last)
        self.available[who, amount.currency] = self.available.get((who, amount.currency), 0) - amount.minor

    async def release(self, day: int) -> None:
        now = NOW + timedelta(days=day)
        while await ledger.release_due(self.tx, now, most=2):
            pass
        for key, waiting in self.held.items():
            due = sum(minor for until, minor in waiting if until <= now)
            self.held[key] = [(until, minor) for until, minor in waiting if until > now]
            self.available[key] = self.available.get(key, 0) + due

    async def payout(self, who: UUID, currency: str) -> None:
        payable = {(owner, amount.currency): amount for owner, amount in await ledger.who_can_be_paid(self.tx)}
        there = self.available.get((who, currency), 0)
        assert payable.get((who, currency), Money(0, currency)).minor == max(there, 0)
        if there <= 0:
            return
        taken = await ledger.take_for_payout(self.tx, who, currency)
        assert sum(each.amount.minor for each in taken) == there
        amount = Money(there, currency)
        entries = [Entry(AccountName("creator_available", who), -amount), Entry(AccountName("in_payout", who), amount)]
        await ledger.post(self.tx, Transaction(key=f"payout/{new_id()}", kind="payout", at=NOW, entries=entries))
        self.available[who, currency] = 0

    async def check(self, who: UUID) -> None:
        """After each step what the one whom it concerns would look at; all that must hold is asked at the end."""
        for balances in await ledger.balances_of(self.tx, who):
            key = (who, balances.currency)
            assert balances.available.minor == self.available.get(key, 0)
            assert balances.held.minor == sum(minor for _, minor in self.held.get(key, []))

    async def check_all(self) -> None:
        for who in CREATORS:
            await self.check(who)
        totals = await ledger.totals(self.tx)
        for currency in CURRENCIES:
            assert sum(minor for (_, code), minor in totals.items() if code == currency) == 0
        assert await broken_of(self.tx, (*INVARIANTS, *SINCE_PROVEN)) == []


class Undo(Exception):
    """Each example begins with an empty book."""


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=operations)
async def test_any_sequence_leaves_the_book_closed(
    fresh: Backends, steps: list[tuple[str, int, int, int, int]]
) -> None:
    async def live(tx: Writer) -> None:
        model = Model(tx)
        for what, creator, currency, minor, day in steps:
            await take(model, what, CREATORS[creator], Money(minor, CURRENCIES[currency]), day)
            await model.check(CREATORS[creator])
        await model.check_all()
        raise Undo

    with pytest.raises(Undo):
        await fresh.database.run(live)


async def take(model: Model, what: str, who: UUID, amount: Money, day: int) -> None:
    if what == "paid":
        await model.paid(who, amount, day)
    elif what == "refund":
        await model.refund(who, amount)
    elif what == "release":
        await model.release(day)
    elif what == "payout":
        await model.payout(who, amount.currency)
    elif what == "proven":
        await ledger.prove(model.tx, NOW, settled=timedelta(milliseconds=day % 3))
    elif model.last is not None:
        assert not await ledger.post(model.tx, model.last)
