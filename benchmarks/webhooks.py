"""Events of the billing provider taken exactly once, beside a bare insert of the same rows.

python -m benchmarks.webhooks

Streams, each by eight takers at once in one process: tips that are paid, each booked, invoiced and told; kinds that mean nothing and
are kept; the first stream once more, which must change nothing; and payments as the provider tells of them, in four events of which one
has an effect. The bare insert writes the same event rows, one statement and one commit each, through the same pool.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from uuid import UUID

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.till import Memory, event_of, fill, payment_of, with_memory
from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.backends.billing.contract import Event
from directfanz.domains.ledger import service as ledger
from directfanz.domains.payments.repository import orders
from directfanz.domains.payments.service import events
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money
from tests.support.engines import begin_run, end_run, shared_engines
from tests.support.worlds import World, make_world

EVENTS = int(os.environ.get("EVENTS", "3000"))
AT_ONCE = 8
BARE = """INSERT INTO bare_events (provider, event_id, kind, object_id, payload, created_at, received_at)
          VALUES ('stripe', $1, $2, $3, $4::jsonb, $5, $5)"""


Crowd = tuple[list[UUID], list[UUID]]


async def tips(backends: Backends, memory: Memory, crowd: Crowd, mark: str, count: int) -> list[Event]:
    """People led to pay, who then paid."""
    (users, pages), now = crowd, backends.clock.now()
    found: list[Event] = []
    async with backends.database.writing() as tx:
        for number in range(count):
            order = orders.NewOrder(
                id=new_id(), user_id=users[number % len(users)], creator_id=pages[number % len(pages)], kind="tip", title="A tip",
                subtotal=Money(1000, "EUR"), discount=Money(0, "EUR"), created_at=now, expires_at=now,
            )  # fmt: skip
            await orders.insert(tx, order)
            name = f"pi_{mark}_{number}"
            memory.payments[name] = payment_of(now, name, None, {"order": str(order.id)})
            found.append(event_of(now, f"evt_{mark}_{number}", "payment_intent.succeeded", name))
    return found


async def per_second(each: Callable[[Event], Awaitable[object]], stream: Sequence[Event]) -> float:
    left = iter(stream)

    async def taker() -> None:
        for event in left:
            await each(event)

    started = time.perf_counter()
    await asyncio.gather(*(taker() for _ in range(AT_ONCE)))
    return len(stream) / (time.perf_counter() - started)


async def measure(world: World) -> dict[str, float]:
    async with opened(world.settings, service="bench") as plain:
        backends, memory = with_memory(plain)
        crowd = await fill(backends, 500)
        stream = await tips(backends, memory, crowd, "tip", EVENTS)
        unknown = [event_of(each.created_at, f"{each.id}_u", "charge.succeeded", each.object_id) for each in stream]

        async def take(event: Event) -> object:
            return await events.take(backends, event)

        async def bare(event: Event) -> object:
            body = msgspec.json.encode(event.object).decode()
            async with backends.database.writing() as tx:
                return await tx.execute(BARE, event.id, event.kind, event.object_id, body, event.created_at)

        seen = {"a bare insert of the event": await per_second(bare, stream)}
        seen["paid tips, booked and told"] = await per_second(take, stream)
        seen["kinds that are only kept"] = await per_second(take, unknown)
        seen["the tips once more"] = await per_second(take, stream)
        told = [event for each in await tips(backends, memory, crowd, "whole", EVENTS // 4) for event in as_told(each)]
        seen["payments in four events each"] = await per_second(take, told)
        await proved(backends, EVENTS + EVENTS // 4)
    return seen


def as_told(paid: Event) -> list[Event]:
    kept = ("payment_intent.created", "charge.succeeded", "charge.updated")
    return [event_of(paid.created_at, f"{paid.id}_{kind}", kind, paid.object_id) for kind in kept] + [paid]


async def proved(backends: Backends, count: int) -> None:
    """Each once, and the book at zero."""
    paid = await backends.database.fetch_value("SELECT count(*) FROM ledger_transactions WHERE kind = 'order_paid'")
    assert paid == count, f"{paid} of {count} are booked"
    assert await ledger.problems(backends.database) == []


def main() -> None:
    begin_run()
    try:
        with tempfile.TemporaryDirectory() as state:
            world = make_world(shared_engines(), f"bench_webhooks_{os.getpid()}", 0, Path(state))
            uvloop.run(prepared(world))
            seen = uvloop.run(measure(world))
    finally:
        end_run()
    table = Table("stream", "events per second", "of the bare insert")
    first = next(iter(seen.values()))
    for name, rate in seen.items():
        table.add_row(name, f"{rate:,.0f}", f"{rate / first:.2f}")
    Console().print(table)


async def prepared(world: World) -> None:
    """The bare contender's own table, with the same columns and keys."""
    import asyncpg

    connection = await asyncpg.connect(world.owner_url)
    await connection.execute("CREATE TABLE bare_events (LIKE provider_events INCLUDING ALL)")
    await connection.execute("GRANT INSERT ON bare_events TO directfanz_app")
    await connection.close()


if __name__ == "__main__":
    main()
