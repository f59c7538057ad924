"""Enqueueing belongs to the caller's transaction."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.jobs.inspect import list_jobs
from directfanz.backends.telemetry.context import request_id
from tests.conformance.jobs.conftest import Bench, Note


class Mistaken(msgspec.Struct):
    text: str = ""


async def test_a_job_is_there_when_the_transaction_commits_and_not_before(bench: Bench) -> None:
    job, database = bench.job(), bench.backends.database
    async with bench.working(job):
        with contextlib.suppress(RuntimeError):
            async with database.writing() as tx:
                await bench.backends.jobs.enqueue(tx, job, Note("undone"))
                raise RuntimeError("the caller changed its mind")
        async with database.writing() as tx:
            await bench.backends.jobs.enqueue(tx, job, Note("done"))
            await bench.enqueue(job, "other")
            await bench.until(lambda: bench.seen == ["other"])
        await bench.until(lambda: bench.seen == ["other", "done"])


async def test_a_job_of_later_waits(bench: Bench) -> None:
    job = bench.job()
    later = SystemClock().now() + timedelta(hours=1)
    async with bench.working(job, concurrency=1):
        await bench.enqueue(job, "later", run_at=later, priority=9)
        await bench.enqueue(job, "now")
        await bench.until(lambda: bench.seen == ["now"])
    [waiting] = await list_jobs(bench.backends.database, "waiting", queue=bench.queue)
    assert (waiting.name, waiting.state, waiting.scheduled_at) == (job.name, "waiting", later)
    assert waiting.enqueued_at is not None


async def test_the_more_urgent_comes_first(bench: Bench) -> None:
    job = bench.job()
    for text, priority in (("a", 0), ("b", 5), ("c", -1), ("d", 5)):
        await bench.enqueue(job, text, priority=priority)
    async with bench.working(job, concurrency=1):
        await bench.until(lambda: len(bench.seen) == 4)
    assert bench.seen == ["b", "d", "a", "c"]


async def test_one_job_per_key_waits(bench: Bench) -> None:
    job = bench.job()
    assert await bench.enqueue(job, "first", queueing_key=f"{bench.queue}:k") is not None
    assert await bench.enqueue(job, "second", queueing_key=f"{bench.queue}:k") is None
    assert await bench.enqueue(job, "other", queueing_key=f"{bench.queue}:l") is not None
    async with bench.working(job):
        await bench.until(lambda: sorted(bench.seen) == ["first", "other"])
        assert await bench.enqueue(job, "third", queueing_key=f"{bench.queue}:k") is not None
        await bench.until(lambda: "third" in bench.seen)


async def test_of_many_at_once_one_waits(bench: Bench) -> None:
    job = bench.job()
    ids = await asyncio.gather(*(bench.enqueue(job, queueing_key=bench.queue) for _ in range(20)))
    assert len([each for each in ids if each is not None]) == 1
    assert len(await list_jobs(bench.backends.database, "waiting", queue=bench.queue)) == 1


async def test_the_job_that_waits_sees_what_the_second_caller_wrote(bench: Bench) -> None:
    """It must not start between that caller's question and its commit."""
    job, database = bench.job(), bench.backends.database
    await bench.enqueue(job, "keyed", queueing_key=bench.queue)
    async with database.writing() as tx:
        assert await bench.backends.jobs.enqueue(tx, job, Note(), queueing_key=bench.queue) is None
        async with bench.working(job):
            await bench.enqueue(job, "younger")
            await bench.until(lambda: bench.seen == ["younger"])
    assert bench.seen == ["younger"]
    async with bench.working(job):
        await bench.until(lambda: bench.seen == ["younger", "keyed"])


async def test_the_second_callers_commit_wakes_the_worker(bench: Bench) -> None:
    job, database = bench.job(), bench.backends.database
    await bench.enqueue(job, "keyed", queueing_key=bench.queue)
    async with contextlib.AsyncExitStack() as stack:
        async with database.writing() as tx:
            await bench.backends.jobs.enqueue(tx, job, Note(), queueing_key=bench.queue)
            await stack.enter_async_context(bench.working(job, poll_seconds=60))
            await bench.until_listening()
            await bench.enqueue(job, "younger")
            await bench.until(lambda: bench.seen == ["younger"])
            await bench.until_count("running", 0)
            for _ in range(200):  # by now the worker has looked for more, found only the locked one, and waits
                await database.fetch_value("SELECT 1")
        await bench.until(lambda: bench.seen == ["younger", "keyed"])


async def test_jobs_with_one_lock_run_one_after_the_other_in_order(bench: Bench) -> None:
    running: list[str] = []

    async def alone(bench: Bench, note: Note) -> None:
        assert not running
        running.append(note.text)
        await bench.backends.database.fetch_value("SELECT pg_sleep(0.01)")
        running.remove(note.text)
        bench.seen.append(note.text)

    job = bench.job(alone)
    for text in "abcdef":
        await bench.enqueue(job, text, lock=bench.queue)
    async with bench.working(job, concurrency=4):
        await bench.until(lambda: len(bench.seen) == 6)
    assert bench.seen == list("abcdef")


async def test_a_job_knows_the_request_that_set_it_off(bench: Bench) -> None:
    async def who(bench: Bench, note: Note) -> None:
        bench.seen.append(request_id.get())

    job = bench.job(who)
    token = request_id.set("req-7")
    await bench.enqueue(job)
    request_id.reset(token)
    own = await bench.enqueue(job)
    async with bench.working(job, concurrency=1):
        await bench.until(lambda: len(bench.seen) == 2)
    assert bench.seen == ["req-7", f"job-{own}"]
    assert request_id.get() == ""


async def test_a_payload_of_another_kind_is_refused_where_the_mistake_is(bench: Bench) -> None:
    other: Any = Mistaken()
    async with bench.backends.database.writing() as tx:
        with pytest.raises(TypeError, match="takes a Note, not a Mistaken"):
            await bench.backends.jobs.enqueue(tx, bench.job(), other)
