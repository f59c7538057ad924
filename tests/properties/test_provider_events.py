"""Whatever order the provider's events come in, however often, and wherever the process dies: the end is the same.

One story is told by a provider: a membership with a renewal, tips, a purchase, refunds, a dispute. Its events are then taken in a
random order, with duplicates, several at once, in stretches, by a process that is killed at random points: before it asks, after it
asked, within its transaction before any of its statements, and after the commit. Each time the books and what people may see come out
as they do when each event is taken alone and in its order. The story has two members, so that their renewals can go together.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.database import handles
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.invariants import INVARIANTS as OF_LEDGER
from directfanz.domains.ledger.models import broken_of
from directfanz.domains.payments.invariants import INVARIANTS
from directfanz.domains.payments.service import events
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money
from tests.support.engines import Engines
from tests.support.money import MoneyStage, money_stage
from tests.support.worlds import World

# What the story writes besides what its people did themselves: all of it goes before each example.
EFFECTS = (
    "provider_events", "dunning_attempts", "dunnings", "invoices", "invoice_numbers", "disputes", "ledger_unpaid", "ledger_entries",
    "ledger_transactions", "entitlements", "notifications", "membership_events", "procrastinate_jobs",
)  # fmt: skip

BEGIN_AGAIN = f"""
    {"; ".join(f"DELETE FROM {table}" for table in EFFECTS)};
    DELETE FROM refunds;
    DELETE FROM orders WHERE expires_at IS NULL;
    UPDATE orders SET state = 'pending', payment = null, charge = null, invoice = null, paid_at = null, refunded = 0,
        refunded_tax = 0, refunded_fee = 0, fee = 0, provider_fee = 0, tax = 0, total = subtotal - discount;
    UPDATE memberships SET state = 'incomplete', subscription = null, period_start = null, period_end = null,
        grace_until = null, held_until = '2100-01-01', as_of = null, started_at = null, ended_at = null, end_reason = null"""


class Killed(BaseException):
    """As by a signal."""


@contextmanager
def dying_at_statement(number: int) -> Iterator[None]:
    """The process is gone before its n-th statement inside of transactions; PostgreSQL undoes what was open."""
    left = [number]
    whole = handles.Writing.ask

    async def ask(self: handles.Writing, *args: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return await whole(self, *args, **named)

    handles.Writing.ask = ask  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        handles.Writing.ask = whole  # type: ignore[method-assign]


class Story:
    def __init__(self, stage: MoneyStage, told: list[Event]) -> None:
        self.stage, self.told = stage, told
        self.wanted: dict[str, object] = {}

    async def begin_again(self, superuser: Any) -> None:
        """The orders are as they were before anything was told."""
        await superuser.execute(BEGIN_AGAIN)

    async def outcome(self) -> dict[str, object]:
        """Without ids and moments of ours: what a person would call the same."""
        reader = self.stage.backends.database
        orders = await reader.fetch(
            """SELECT o.kind, o.title, o.state, o.total, o.fee, o.provider_fee, o.refunded, o.refunded_tax, o.refunded_fee, o.payment,
                      o.invoice, (SELECT count(*) FROM invoices i WHERE i.order_id = o.id) FROM orders o ORDER BY o.payment"""
        )
        papers = await reader.fetch("SELECT number, kind FROM invoices ORDER BY number")
        access = await reader.fetch(
            """SELECT scope, source, ends_at, revoked_at IS NULL FROM entitlements WHERE revoked_at IS NULL ORDER BY 1, 2, 3"""
        )
        memberships = await reader.fetch(
            "SELECT state, period_start, period_end, subscription FROM memberships ORDER BY 4"
        )
        refunded = await reader.fetch("SELECT refund, amount, state FROM refunds ORDER BY refund")
        disputed = await reader.fetch("SELECT dispute, state, amount, fee, withdrawn FROM disputes ORDER BY dispute")
        return {
            "orders": [tuple(row) for row in orders], "papers": sorted(row[0] for row in papers),
            "kinds": sorted(row[1] for row in papers), "access": [tuple(row) for row in access],
            "memberships": [tuple(row) for row in memberships], "refunds": [tuple(row) for row in refunded],
            "disputes": [tuple(row) for row in disputed], "sums": dict(await ledger.totals(reader)),
            "waiting": await reader.fetch_value("SELECT count(*) FROM provider_events WHERE processed_at IS NULL"),
        }  # fmt: skip


@pytest.fixture
async def story(fresh_world: World, clock: ManualClock) -> AsyncIterator[Story]:
    async with money_stage(fresh_world.settings, clock) as stage:
        ben, cy, lesson = await stage.fan("ben"), await stage.fan("cy"), new_id()
        opened = [
            await stage.join(ben),
            await stage.join(cy),
            await stage.tip(ben, 999),
            await stage.tip(ben, 1500),
            await stage.buy(ben, lesson),
        ]
        for each in opened:
            stage.pay(each)
        told = stage.happened()
        for event in told:
            await events.take(stage.backends, event)
        payment = (await stage.order(opened[2])).payment
        assert payment is not None
        # Made on the provider's own pages, so that only events tell of them.
        for minor, key in ((333, "a"), (100, "b")):
            await stage.backends.billing.refund(payment, Money(minor, "EUR"), metadata={}, key=key)
        charge = (await stage.order(opened[3])).charge
        assert charge is not None
        stage.till.simulator.dispute(charge)
        await stage.later(days=35)
        told += stage.happened()
        remembering: Any = Remembering(stage.backends.billing)
        stage.backends = replace(stage.backends, billing=remembering)
        yield Story(stage, told)


@pytest.fixture
async def owner(fresh_world: World, engines: Engines) -> AsyncIterator[asyncpg.Connection]:
    """Who may empty tables that only grow: switches the triggers off first."""
    connection = await asyncpg.connect(engines.postgres_url(fresh_world.name))
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


plans = st.lists(
    st.tuples(
        st.integers(0, 10**6),  # which event of those that are left, or of those that came before
        st.sampled_from(["take", "again", "die_in_asking", "die_in_writing", "two_at_once", "stretch", "die_in_stretch"]),
        st.integers(1, 25),
    ),
    min_size=8, max_size=24,
)  # fmt: skip


# Few and long: what costs is to take the whole story after each of them.
@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans)
async def test_order_repetition_and_death_change_nothing(
    story: Story, owner: Any, plan: list[tuple[int, str, int]]
) -> None:
    backends = story.stage.backends
    if not story.wanted:
        await story.begin_again(owner)
        for event in story.told:
            await events.take(backends, event)
        story.wanted = await story.outcome()
        assert story.wanted["waiting"] == 0
    await story.begin_again(owner)
    left = list(story.told)
    for pick, how, where in plan:
        if not left:
            break
        some = [left[(pick + step * 7) % len(left)] for step in range(where if "stretch" in how else 1)]
        await do(backends, some, story.told[pick % len(story.told)], how, where)
        if how != "again" and pick % 3:
            left = [
                event for event in left if event not in some
            ]  # the provider heard 2xx, or sends it again from what it keeps
    for _ in range(5):  # it sends everything until it is taken
        outcomes = await events.take_all(backends, [*left, *story.told])
        if not any(isinstance(outcome, Exception) for outcome in outcomes):
            break
    assert await story.outcome() == story.wanted
    assert await broken_of(backends.database, (*OF_LEDGER, *INVARIANTS)) == []


async def do(backends: Backends, some: list[Event], other: Event, how: str, where: int) -> None:
    event = some[0]
    if how == "take":
        await events.take(backends, event)
    elif how == "again":
        await events.take(backends, other)
    elif how == "stretch":
        await events.take_all(backends, [*some, other])
    elif how == "two_at_once":
        await asyncio.gather(*(events.take(backends, each) for each in (event, event, other)))
    elif how == "die_in_asking":
        dying: Any = DyingBilling(backends.billing, where % 3 + 1)
        await survived(events.take(replace(backends, billing=dying), event))
    else:
        with dying_at_statement(where):
            await survived(events.take_all(backends, some))


async def survived(taking: Any) -> None:
    try:
        await taking
    except Killed:
        return


class Remembering:
    """The provider, whose side of the story stands still once it is told: what it said once it says again, without being asked. What
    tells it to do something is no question, and goes to it each time."""

    QUESTIONS = frozenset(
        {"checkout", "payment", "invoice", "refund_state", "dispute", "account", "payout", "subscription"}
    )

    def __init__(self, billing: Any) -> None:
        self._billing = billing
        self._said: dict[tuple[Any, ...], Any] = {}

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._billing, name)
        if name not in self.QUESTIONS:
            return asked

        async def remembered(*about: Any) -> Any:
            if (name, *about) not in self._said:
                self._said[name, *about] = await asked(*about)
            await asyncio.sleep(0)  # others get their turn, as while one waits for an answer
            return self._said[name, *about]

        return remembered


class DyingBilling:
    """Gone before the n-th question to the provider."""

    def __init__(self, billing: Any, number: int) -> None:
        self._billing, self._left = billing, number

    def __getattr__(self, name: str) -> Any:
        self._left -= 1
        if self._left == 0:
            raise Killed
        return getattr(self._billing, name)
