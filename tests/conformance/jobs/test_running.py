"""Trying again, giving up, and what an operator can do about it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.jobs.contract import Retry, Schedule
from directfanz.backends.jobs.inspect import count_dead, discard, list_jobs, replay
from directfanz.errors import ConfigurationError, Conflict, Rejected
from tests.conformance.jobs.conftest import Bench, Note


async def test_a_job_that_raises_is_tried_again(bench: Bench) -> None:
    async def third_time_lucky(bench: Bench, note: Note) -> None:
        bench.seen.append("try")
        if len(bench.seen) < 3:
            raise ValueError("not yet")

    job = bench.job(third_time_lucky)
    await bench.enqueue(job)
    async with bench.working(job):
        await bench.until(lambda: len(bench.seen) == 3)
        await bench.until_count("running", 0)
    assert await list_jobs(bench.backends.database, "waiting", queue=bench.queue) == []
    assert await list_jobs(bench.backends.database, "dead", queue=bench.queue) == []


async def fails(bench: Bench, note: Note) -> None:
    bench.seen.append(note.text)
    raise ValueError(f"no luck with {note.text}\0")


async def test_what_has_run_out_of_tries_is_kept_with_its_reason(bench: Bench) -> None:
    job = bench.job(fails)
    await bench.enqueue(job, "it")
    async with bench.working(job):
        await bench.until_count("dead", 1)
    assert bench.seen == ["it"] * 3
    [dead] = await list_jobs(bench.backends.database, "dead", queue=bench.queue)
    assert (dead.name, dead.state, dead.attempts) == (job.name, "dead", 3)
    assert dead.last_error is not None
    assert "ValueError: no luck with it" in dead.last_error


async def test_a_refusal_for_good_ends_it_at_once(bench: Bench) -> None:
    async def refused(bench: Bench, note: Note) -> None:
        bench.seen.append(note.text)
        raise Rejected("The address is blocked.")

    job = bench.job(refused)
    await bench.enqueue(job)
    async with bench.working(job):
        await bench.until_count("dead", 1)
    assert len(bench.seen) == 1


async def test_a_dead_job_can_be_replayed_or_discarded(bench: Bench) -> None:
    database, job = bench.backends.database, bench.job(fails, retry=Retry(tries=1))
    one, other = await bench.enqueue(job, "one"), await bench.enqueue(job, "other")
    assert one is not None
    assert other is not None
    async with bench.working(job):
        await bench.until_count("dead", 2)
    before = await count_dead(database)
    async with database.writing() as tx:
        assert await replay(tx, one)
        assert await discard(tx, other)
        assert not await replay(tx, other)
        assert not await discard(tx, one)  # it waits; it is not dead
    assert await count_dead(database) == before - 2
    good = bench.job()
    async with bench.working(good):
        await bench.until(lambda: bench.seen.count("one") == 2)


async def test_replaying_wakes_a_worker(bench: Bench) -> None:
    job = bench.job(fails, retry=Retry(tries=1))
    job_id = await bench.enqueue(job, "one")
    assert job_id is not None
    async with bench.working(job, poll_seconds=60):
        await bench.until_count("dead", 1)
        await bench.until_listening()
        async with bench.backends.database.writing() as tx:
            await replay(tx, job_id)
        await bench.until(lambda: len(bench.seen) == 2)


async def test_a_replay_beside_the_same_waiting_work_is_a_conflict(bench: Bench) -> None:
    job = bench.job(fails, retry=Retry(tries=1))
    job_id = await bench.enqueue(job, queueing_key=bench.queue)
    assert job_id is not None
    async with bench.working(job):
        await bench.until_count("dead", 1)
    await bench.enqueue(job, queueing_key=bench.queue)
    async with bench.backends.database.writing() as tx:
        with pytest.raises(Conflict, match="waits already"):
            await replay(tx, job_id)


async def test_the_list_has_pages(bench: Bench) -> None:
    job = bench.job()
    ids = [await bench.enqueue(job, str(n)) for n in range(5)]
    first = await list_jobs(bench.backends.database, "waiting", queue=bench.queue, limit=3)
    second = await list_jobs(bench.backends.database, "waiting", queue=bench.queue, before=first[-1].id, limit=3)
    assert [view.id for view in first + second] == ids[::-1]


async def test_a_job_has_a_limit_of_time(bench: Bench) -> None:
    async def endless(bench: Bench, note: Note) -> None:
        await asyncio.Event().wait()

    job = bench.job(endless, timeout_seconds=0.05, retry=Retry(tries=1))
    await bench.enqueue(job)
    async with bench.working(job):
        await bench.until_count("dead", 1)
    [dead] = await list_jobs(bench.backends.database, "dead", queue=bench.queue)
    assert "did not end within 0.05 s" in (dead.last_error or "")


async def test_a_payload_that_no_longer_fits_is_dead(bench: Bench) -> None:
    job = bench.job()
    async with bench.backends.database.writing() as tx:
        await tx.fetch_value(
            "SELECT enqueue_job($1, $2, 0, NULL, NULL, $3, NULL)", bench.queue, job.name, '{"payload": {"text": 5}}'
        )
    async with bench.working(job):
        await bench.until_count("dead", 1)
    [dead] = await list_jobs(bench.backends.database, "dead", queue=bench.queue)
    assert "does not fit Note" in (dead.last_error or "")


async def test_a_job_of_newer_code_waits_for_a_newer_worker(bench: Bench) -> None:
    newer = bench.job(name="bench.newer")
    await bench.enqueue(newer, "new")
    async with bench.working(bench.job()):
        await until_tried(bench)
    assert await list_jobs(bench.backends.database, "dead", queue=bench.queue) == []
    [waiting] = await list_jobs(bench.backends.database, "waiting", queue=bench.queue)
    assert waiting.scheduled_at is not None
    assert waiting.scheduled_at > SystemClock().now()


async def until_tried(bench: Bench) -> None:
    async with asyncio.timeout(20):
        while not any(job.attempts for job in await list_jobs(bench.backends.database, "waiting", queue=bench.queue)):
            pass


async def test_stopping_lets_what_runs_finish_and_takes_nothing_new(bench: Bench) -> None:
    go, running = asyncio.Event(), asyncio.Event()

    async def slow(bench: Bench, note: Note) -> None:
        running.set()
        await go.wait()
        bench.seen.append(note.text)

    job = bench.job(slow)
    await bench.enqueue(job, "running")
    async with bench.working(job, concurrency=1) as workers:
        await running.wait()
        workers.stop()
        await bench.enqueue(job, "new")
        go.set()
    assert bench.seen == ["running"]
    assert len(await list_jobs(bench.backends.database, "waiting", queue=bench.queue)) == 1


async def test_what_does_not_finish_in_time_is_left_to_another_worker(bench: Bench) -> None:
    running = asyncio.Event()

    async def stuck(bench: Bench, note: Note) -> None:
        running.set()
        await asyncio.Event().wait()

    await bench.enqueue(bench.job(stuck, retry=Retry(tries=1)), "job")  # being stopped is not a failed try
    async with bench.working(bench.job(stuck, retry=Retry(tries=1)), drain_seconds=0.1):
        await running.wait()
    async with bench.working(bench.job()):
        await bench.until(lambda: bench.seen == ["job"])


async def test_a_schedule_comes_once_however_many_workers_there_are(bench: Bench) -> None:
    an_hour_ago = SystemClock().now() - timedelta(hours=1)
    job = bench.job(name=f"bench.{bench.queue}")
    schedule = Schedule(job, f"{an_hour_ago.minute} {an_hour_ago.hour} * * *")
    marker = bench.job(name="bench.marker")
    async with (
        bench.working(job, marker, schedules=[schedule]),
        bench.working(job, marker, schedules=[schedule]),
        bench.working(job, marker, schedules=[schedule]),
    ):
        await bench.until(lambda: len(bench.seen) == 1)
    async with bench.working(job, marker, schedules=[schedule]):  # nor again after a restart
        await bench.enqueue(marker, "marker")
        await bench.until(lambda: "marker" in bench.seen)
    assert sorted(bench.seen) == ["", "marker"]


async def test_what_was_done_is_counted(bench: Bench) -> None:
    good, bad = bench.job(name="bench.good"), bench.job(fails, name="bench.bad", retry=Retry(tries=1))
    await bench.enqueue(good)
    await bench.enqueue(bad)
    async with bench.working(good, bad):
        await bench.until_count("dead", 1)
        await bench.until(lambda: len(bench.seen) == 2)
        await bench.until_count("running", 0)
        told = bench.backends.telemetry.prometheus()[0].decode()
    assert 'jobs_done_total{name="bench.good",outcome="done"' in told
    assert 'jobs_done_total{name="bench.bad",outcome="dead"' in told
    assert 'job_seconds_count{name="bench.good"' in told
    assert f'jobs_waiting{{queue="{bench.queue}"' in told
    assert "jobs_dead" in told


async def test_payloads_stay_out_of_the_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="directfanz")
    job = bench.job(retry=Retry(tries=1))
    await bench.enqueue(job, "ada@example.com")
    async with bench.working(job):
        await bench.until(lambda: len(bench.seen) == 1)
    assert f"job {job.name} ended: done" in caplog.text
    assert "ada@example.com" not in caplog.text


@pytest.mark.parametrize("cron", ["* * * *", "never"])
async def test_a_schedule_that_makes_no_sense_stops_the_start(bench: Bench, cron: str) -> None:
    job = bench.job()
    with pytest.raises(ConfigurationError, match="five fields"):
        async with bench.working(job, schedules=[Schedule(job, cron)]):
            pass


async def test_a_job_for_no_queue_stops_the_start(bench: Bench) -> None:
    job = bench.job()
    object.__setattr__(job, "queue", "nowhere")
    with pytest.raises(ConfigurationError, match=r"which platform\.toml does not name"):
        async with bench.working(job):
            pass
