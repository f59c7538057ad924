"""Lets days pass in the `moving` house: for the platform, for the provider of payments, and for all that is done by the day."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.settings import load
from tests.support.house import House
from tests.support.meanwhile import until

_BUSY = """
SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND (scheduled_at IS NULL OR scheduled_at <= now())
"""


# The provider forgets what happened a month ago, whether it was heard or not.
LEAP = timedelta(days=20)
MONEY = ("memberships.", "payments.", "ledger.", "entitlements.", "creators.", "notifications.")


def days_pass(house: House, days: float = 0, *, hours: float = 0, at_once: bool = False) -> None:
    """A day at a time, or in leaps when what happens between does not matter."""
    by = timedelta(days=days, hours=hours)
    with ThreadPoolExecutor(1) as aside:  # the browser's loop runs in this thread
        aside.submit(asyncio.run, _pass(house, by, LEAP if at_once else timedelta(days=1))).result()


def stripe_does(house: House, path: str, **told: Any) -> dict[str, Any]:
    """The simulator's own API: cards that fail, disputes, accounts."""
    answer = httpx.post(f"{house.environment['DIRECTFANZ_STRIPE_API_BASE']}/_simulator/{path}", json=told, timeout=30)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def stripe_says(house: House, path: str, **query: Any) -> dict[str, Any]:
    """What the provider has, by its own API."""
    base, key = (house.environment[f"DIRECTFANZ_STRIPE_{name}"] for name in ("API_BASE", "SECRET_KEY"))
    answer = httpx.get(f"{base}/v1/{path}", params=query, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def settled(house: House) -> None:
    """All that the provider has told has arrived, and all work that it made is done."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, _settled(house)).result()


async def _settled(house: House) -> None:
    async with opened(load(house.environment), service="worker") as backends:
        await _quiet(house, backends)


async def _pass(house: House, by: timedelta, step: timedelta) -> None:
    async with opened(load(house.environment), service="worker") as backends:
        while by > timedelta():
            moved = min(step, by)
            by -= moved
            _set_ahead(house, moved)
            await asyncio.sleep(0.15)  # until every process has looked at the calendar
            await asyncio.to_thread(stripe_does, house, "advance", seconds=0)  # what is due by then has happened
            await _quiet(house, backends)
            await _all_schedules(backends)
            await _quiet(house, backends)


def _set_ahead(house: House, by: timedelta) -> None:
    file = Path(house.environment["DIRECTFANZ_CLOCK_SHIFT_FILE"])
    before = float(file.read_text()) if file.exists() else 0.0
    fresh = file.with_suffix(".new")
    fresh.write_text(str(before + by.total_seconds()))
    os.replace(fresh, file)


async def _all_schedules(backends: Backends) -> None:
    """What the worker does by the day about money, now."""
    from directfanz.processes.worker.jobs import SCHEDULES

    async with backends.database.writing() as tx:
        for schedule in SCHEDULES:
            job = schedule.job
            if not job.name.startswith(MONEY):
                continue
            await backends.jobs.enqueue(tx, job, job.payload(), queueing_key=f"schedule:{job.name}:{schedule.cron}")


async def _quiet(house: House, backends: Backends) -> None:
    await until(lambda: _is_quiet(house, backends))


async def _is_quiet(house: House, backends: Backends) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        said = await client.get(f"{house.environment['DIRECTFANZ_STRIPE_API_BASE']}/_simulator/state")
    if any(one["tries"] == 0 for one in said.json()["waiting"]):
        return False
    async with backends.database.reading() as reader:
        return not await reader.fetch_value(_BUSY)


def books_disagree(house: House) -> list[str]:
    """What the platform's own nightly comparison finds, now; there should be nothing."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, _compare(house)).result()


async def _compare(house: House) -> list[str]:
    from directfanz.domains.entitlements import service as entitlements
    from directfanz.domains.payments.service import overseeing, reconciling

    async with opened(load(house.environment), service="worker") as backends:
        found = [str(each) for each in (await reconciling.reconcile(backends)).differences]
        async with backends.database.writing() as tx:
            found += [str(each) for each in await entitlements.compare(tx, backends.clock.now())]
        return found + await overseeing.problems(backends)
