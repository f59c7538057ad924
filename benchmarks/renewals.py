"""A night of renewals: 100,000 memberships whose next period was paid, settled one event each, and the ledger at zero.

RENEWALS=100000 python -m benchmarks.renewals

First a few of them are taken as it was before there were stretches, one transaction each: what the others are compared with.

Each renewal is an order, a ledger transaction of four entries, a numbered invoice, a longer membership with its access, its history, and a
notice to the member with its mail. Two processes take them, as two workers of a machine with two cores would.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
import time
from pathlib import Path

import uvloop
from rich.console import Console

from benchmarks.till import fill, members, with_memory
from directfanz.backends.assembly import opened
from directfanz.backends.billing.contract import Event
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.models import broken_of
from directfanz.domains.payments.invariants import INVARIANTS
from directfanz.domains.payments.service import events
from directfanz.domains.payments.service.events.gathering import Gathering
from tests.support.engines import begin_run, end_run, shared_engines
from tests.support.worlds import World, make_world

RENEWALS = int(os.environ.get("RENEWALS", "100000"))
WORKERS, AT_ONCE, ALONE_AT_ONCE = 2, 400, 8


async def take_part(world: World, part: list[Event], memory: object, alone: bool) -> None:
    async with opened(world.settings, service="bench") as plain:
        backends, own = with_memory(plain)
        own.__dict__.update(memory.__dict__)
        left = iter(part)

        taking = Gathering(backends)

        async def taker() -> None:
            for event in left:
                await (events.take(backends, event) if alone else taking.take(event))

        await asyncio.gather(*(taker() for _ in range(ALONE_AT_ONCE if alone else AT_ONCE)))


def worker(world: World, part: list[Event], memory: object, alone: bool) -> None:
    uvloop.run(take_part(world, part, memory, alone))


def per_second(world: World, stream: list[Event], memory: object, *, alone: bool) -> float:
    started = time.perf_counter()
    parts = [
        multiprocessing.Process(target=worker, args=(world, stream[number::WORKERS], memory, alone))
        for number in range(WORKERS)
    ]
    for each in parts:
        each.start()
    for each in parts:
        each.join()
    return len(stream) / (time.perf_counter() - started)


async def prepare(world: World) -> tuple[list[Event], object]:
    async with opened(world.settings, service="bench") as plain:
        backends, memory = with_memory(plain)
        users, pages = await fill(backends, RENEWALS)
        found: list[Event] = await members(backends, memory, users, pages)
        return found, memory


async def prove(world: World) -> None:
    async with opened(world.settings, service="bench") as backends, backends.database.writing() as tx:
        await tx.execute("SET LOCAL statement_timeout = 0")  # whole tables, on a machine that others use too
        totals = await ledger.totals(tx)
        assert sum(totals.values()) == 0
        assert totals["provider", "EUR"] == -1000 * RENEWALS, totals
        assert await ledger.problems(tx) + await broken_of(tx, INVARIANTS) == []
        renewed = await tx.fetch_value("SELECT count(*) FROM memberships WHERE period_end > now() + interval '20 days'")
        assert renewed == RENEWALS


def main() -> None:
    begin_run()
    try:
        with tempfile.TemporaryDirectory() as state:
            world = make_world(shared_engines(), f"bench_renewals_{os.getpid()}", 0, Path(state))
            stream, memory = uvloop.run(prepare(world))
            few = RENEWALS // 50
            alone = per_second(world, stream[:few], memory, alone=True)
            rate = per_second(world, stream[few:], memory, alone=False)
            uvloop.run(prove(world))
    finally:
        end_run()
    words = f"{RENEWALS - few:,} renewals settled in {(RENEWALS - few) / rate:,.0f} s, {rate:,.0f} a second; "
    Console().print(words + f"alone {alone:,.0f} a second: {rate / alone:.1f}x. The ledger is at zero.")


if __name__ == "__main__":
    main()
