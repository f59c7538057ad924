"""The book is whole whatever is tried, and what was held is released once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from directfanz.backends import Backends
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.invariants import INVARIANTS, SINCE_PROVEN
from directfanz.domains.ledger.jobs import CHECK, RELEASE, Check, Release
from directfanz.domains.ledger.models import AccountName, Entry, Transaction, broken_of
from directfanz.errors import DirectFanzError, Rejected
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money
from tests.support.engines import Engines
from tests.support.worlds import World

PROVIDER, FEES = AccountName("provider"), AccountName("platform_fees")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def held(owner: UUID) -> AccountName:
    return AccountName("creator_held", owner)


def available(owner: UUID) -> AccountName:
    return AccountName("creator_available", owner)


def paid(owner: UUID, key: str, at: datetime, days: int = 7) -> Transaction:
    entries = [
        Entry(PROVIDER, eur(-1000)),
        Entry(held(owner), eur(900), at + timedelta(days=days)),
        Entry(FEES, eur(100)),
    ]
    return Transaction(key=key, kind="order_paid", at=at, entries=entries)


async def post(backends: Backends, transaction: Transaction) -> bool:
    async with backends.database.writing() as tx:
        return await ledger.post(tx, transaction)


async def release(backends: Backends) -> None:
    await RELEASE.run(backends, Release())


async def sums(backends: Backends, owner: UUID) -> tuple[int, int]:
    async with backends.database.reading() as reader:
        there = await ledger.balances_of(reader, owner)
        return (there[0].held.minor, there[0].available.minor) if there else (0, 0)


async def test_the_same_key_is_posted_once_also_by_two_at_once(fresh: Backends, clock: ManualClock) -> None:
    ada = new_id()
    done = await asyncio.gather(*(post(fresh, paid(ada, "order/1/paid", clock.now())) for _ in range(8)))
    assert sorted(done) == [False] * 7 + [True]
    assert await sums(fresh, ada) == (900, 0)


async def test_a_transaction_that_fails_leaves_nothing(fresh: Backends, clock: ManualClock) -> None:
    async def fail(tx: Writer) -> None:
        await ledger.post(tx, paid(new_id(), "order/2/paid", clock.now()))
        raise RuntimeError("what came after failed")

    with pytest.raises(RuntimeError):
        await fresh.database.run(fail)
    async with fresh.database.reading() as reader:
        assert not await ledger.is_posted(reader, "order/2/paid")


@pytest.mark.parametrize("days_later", [0, 6, 7, 30])
async def test_what_was_held_is_released_on_its_day(fresh: Backends, clock: ManualClock, days_later: int) -> None:
    ada = new_id()
    await post(fresh, paid(ada, "order/1/paid", clock.now()))
    await clock.advance(timedelta(days=days_later))
    await asyncio.gather(release(fresh), release(fresh), release(fresh))
    assert await sums(fresh, ada) == ((0, 900) if days_later >= 7 else (900, 0))
    await CHECK.run(fresh, Check())


async def test_a_payout_takes_what_is_available_and_only_once(fresh: Backends, clock: ManualClock) -> None:
    ada = new_id()
    await post(fresh, paid(ada, "order/1/paid", clock.now()))
    await post(fresh, paid(ada, "order/2/paid", clock.now(), days=30))
    await clock.advance(timedelta(days=8))
    await release(fresh)

    async def pay(tx: Writer) -> int:
        taken = await ledger.take_for_payout(tx, ada, "EUR")
        amount = eur(sum(each.amount.minor for each in taken))
        if taken:
            into = Entry(AccountName("in_payout", ada), amount)
            entries = [Entry(available(ada), -amount), into]
            await ledger.post(tx, Transaction(key=f"payout/{new_id()}", kind="payout", at=clock.now(), entries=entries))
        return len(taken)

    assert sorted(await asyncio.gather(*(fresh.database.run(pay) for _ in range(4)))) == [0, 0, 0, 1]
    assert await sums(fresh, ada) == (900, 0)
    await CHECK.run(fresh, Check())


async def test_a_hold_that_is_looked_at_is_not_released_meanwhile(fresh: Backends, clock: ManualClock) -> None:
    ada = new_id()
    order = new_id()
    await post(fresh, msgspec.structs.replace(paid(ada, "order/1/paid", clock.now()), reference=order))
    await clock.advance(timedelta(days=8))
    async with fresh.database.writing() as tx:
        hold = await ledger.hold_of(tx, order, ada)
        assert hold is not None
        assert hold.amount == eur(900)
        await release(fresh)
        entries = [Entry(held(ada), eur(-900), hold.until), Entry(PROVIDER, eur(900))]
        await ledger.post(tx, Transaction(key="refund/1", kind="refund", at=clock.now(), entries=entries))
    await release(fresh)
    assert await sums(fresh, ada) == (0, 0)
    async with fresh.database.writing() as tx:
        assert await ledger.hold_of(tx, order, ada) is None
    await CHECK.run(fresh, Check())


UNBALANCED = """INSERT INTO ledger_entries (id, transaction_id, account, amount, currency)
                SELECT gen_random_uuid(), id, 'provider', 5, 'EUR' FROM ledger_transactions"""
LATE = """INSERT INTO ledger_entries (id, transaction_id, account, amount, currency)
          SELECT gen_random_uuid(), id, 'provider', each, 'EUR' FROM ledger_transactions, unnest(array[5, -5]) AS each"""
EMPTY = "INSERT INTO ledger_transactions (id, key, kind, at, entries) VALUES (gen_random_uuid(), 'x', 'y', now(), 2)"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [(UNBALANCED, "ledger_balanced"), (LATE, "ledger_whole"), (EMPTY, "ledger_has_entries")],
)
async def test_the_database_refuses_what_does_not_balance(
    fresh: Backends, clock: ManualClock, statement: str, constraint: str
) -> None:
    await post(fresh, paid(new_id(), "order/1/paid", clock.now()))

    async def slip(tx: Writer) -> None:
        await tx.execute(statement)

    with pytest.raises(ConstraintBroken) as refused:
        await fresh.database.run(slip)
    assert refused.value.constraint == constraint
    await CHECK.run(fresh, Check())


@pytest.mark.parametrize("table", ["ledger_transactions", "ledger_entries"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET id = id", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
async def test_nothing_written_is_changed(
    fresh: Backends, fresh_world: World, clock: ManualClock, table: str, change: str
) -> None:
    await post(fresh, paid(new_id(), "order/1/paid", clock.now()))

    async def attempt(tx: Writer) -> None:
        await tx.execute(change.format(table))

    with pytest.raises(DirectFanzError):
        await fresh.database.run(attempt)
    owner = await asyncpg.connect(fresh_world.owner_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only grows"):
            await owner.execute(change.format(table))
    finally:
        await owner.close()


TAMPERINGS = [
    ("UPDATE ledger_entries SET amount = amount + 1 WHERE account = 'provider'", "transactions_balance"),
    ("DELETE FROM ledger_entries WHERE account = 'platform_fees'", "transactions_are_whole"),
    ("DELETE FROM ledger_entries WHERE account = 'platform_fees'", "books_close"),
    ("UPDATE ledger_entries SET amount = -amount", "nothing_held_below_zero"),
    ("DELETE FROM ledger_unpaid", "unpaid_equals_balances"),
    (
        """UPDATE ledger_entries SET amount = -amount, release_at = null,
           account = CASE account WHEN 'creator_held' THEN 'creator_available' ELSE account END""",
        "available_below_zero_is_explained",
    ),
]


@pytest.mark.parametrize("proven_before", [False, True])
@pytest.mark.parametrize(("how", "found_by"), TAMPERINGS)
async def test_each_invariant_finds_its_own(
    fresh: Backends,
    fresh_world: World,
    engines: Engines,
    clock: ManualClock,
    how: str,
    found_by: str,
    proven_before: bool,
) -> None:
    """Both in the form that reads everything and in that of each night."""
    if proven_before:
        await post(fresh, paid(new_id(), "order/0/paid", clock.now()))
        await proven(fresh, clock)
        how = on_new(how)
    await post(fresh, paid(new_id(), "order/1/paid", clock.now()))
    async with fresh.database.reading() as reader:
        assert await broken_of(reader, (*INVARIANTS, *SINCE_PROVEN)) == []
    connection = await asyncpg.connect(engines.postgres_url(fresh_world.name))
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(how)
    await connection.close()
    async with fresh.database.reading() as reader:
        for form in (INVARIANTS, SINCE_PROVEN):
            assert found_by in {problem.split(":")[0] for problem in await broken_of(reader, form)}
    with pytest.raises(Rejected, match="not in order"):
        await CHECK.run(fresh, Check())


def on_new(how: str) -> str:
    """The same tampering, with what came since the book was proven."""
    if "ledger_unpaid" in how:
        return how
    return f"{how}{' AND' if 'WHERE' in how else ' WHERE'} id > (SELECT until FROM ledger_proven)"


async def proven(fresh: Backends, clock: ManualClock) -> None:
    await asyncio.sleep(0.002)  # the moment of a key is told in milliseconds
    async with fresh.database.writing() as tx:
        await ledger.prove(tx, clock.now(), settled=timedelta())
        assert await tx.fetch_value("SELECT count(*) FROM ledger_proven_sums") > 0


async def test_what_was_proven_is_read_again_on_sundays(
    fresh: Backends, fresh_world: World, engines: Engines, clock: ManualClock
) -> None:
    await post(fresh, paid(new_id(), "order/1/paid", clock.now()))
    await proven(fresh, clock)
    connection = await asyncpg.connect(engines.postgres_url(fresh_world.name))
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("UPDATE ledger_entries SET amount = amount + 1 WHERE account = 'provider'")
    await connection.close()
    async with fresh.database.reading() as reader:
        found = {problem.split(":")[0] for problem in await broken_of(reader, INVARIANTS)}
        assert {"transactions_balance", "books_close", "the_proven_stays"} <= found
    await CHECK.run(fresh, Check())  # a Monday: what was proven is not read
    await clock.advance(timedelta(days=6))
    with pytest.raises(Rejected, match="not in order"):
        await CHECK.run(fresh, Check())
