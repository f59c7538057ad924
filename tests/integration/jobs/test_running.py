"""Jobs run after the commit, again after a failure, and are never lost with their worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from directfanz.backends import Backends
from directfanz.backends.jobs import failures
from directfanz.backends.jobs.contract import Job, Retry
from directfanz.backends.jobs.runner import JobRunner
from directfanz.backends.telemetry.context import request_id
from directfanz.errors import Conflict, Rejected, Unavailable
from tests.support.worlds import World

AT_ONCE = Retry(tries=3, first_seconds=0)


class Note(msgspec.Struct, frozen=True):
    text: str


@pytest.fixture
async def fresh(fresh_world: World) -> AsyncIterator[Backends]:
    from directfanz.backends.assembly import opened

    async with opened(fresh_world.settings, service="test") as backends:
        yield backends


class Board:
    """A job that writes down what it is given, or does what the test says."""

    def __init__(self, act: Callable[[Note], None] = lambda note: None, **kind: Any) -> None:
        self.seen: list[str] = []
        self.job = Job("test.note", Note, self._run, **{"retry": AT_ONCE, **kind})
        self._act = act

    async def _run(self, backends: Backends, payload: Note) -> None:
        self.seen.append(payload.text)
        self._act(payload)


async def enqueue(backends: Backends, job: Job[Note], text: str = "hello", **options: Any) -> int | None:
    async with backends.database.writing() as tx:
        return await backends.jobs.enqueue(tx, job, Note(text), **options)


async def dead(backends: Backends) -> list[tuple[str, int, str | None]]:
    async with backends.database.reading() as reader:
        return [(view.name, view.attempts, view.last_error) for view in await failures.dead(reader, None, 10)]


async def test_a_job_runs_once_after_its_commit_and_not_after_a_rollback(fresh: Backends) -> None:
    board = Board()
    await enqueue(fresh, board.job, "kept")

    async def fail(tx: Any) -> None:
        await fresh.jobs.enqueue(tx, board.job, Note("undone"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await fresh.database.run(fail)
    for _ in range(2):
        await JobRunner(fresh, [board.job]).run_waiting()
    assert board.seen == ["kept"]


async def test_it_carries_the_request_that_set_it_off(fresh: Backends) -> None:
    ids: list[str] = []
    board = Board(lambda note: ids.append(request_id.get()))
    token = request_id.set("req-12345")
    await enqueue(fresh, board.job)
    request_id.reset(token)
    await JobRunner(fresh, [board.job]).run_waiting()
    assert ids == ["req-12345"]


async def test_what_fails_is_tried_again_and_then_waits_for_an_operator(fresh: Backends) -> None:
    def fail(note: Note) -> None:
        raise Unavailable("the mail server sleeps")

    board = Board(fail)
    job_id = await enqueue(fresh, board.job)
    await JobRunner(fresh, [board.job]).run_waiting()
    assert len(board.seen) == 3
    assert await dead(fresh) == [("test.note", 3, "Unavailable: the mail server sleeps")]

    mended = Board()
    async with fresh.database.writing() as tx:
        await failures.replay(tx, job_id or 0)
    await JobRunner(fresh, [mended.job]).run_waiting()
    assert mended.seen == ["hello"]
    assert await dead(fresh) == []
    with pytest.raises(Conflict):
        await fresh.database.run(lambda tx: failures.replay(tx, job_id or 0))


async def test_a_rejected_one_is_not_tried_again_and_can_be_discarded(fresh: Backends) -> None:
    def refuse(note: Note) -> None:
        raise Rejected("no such mailbox")

    board = Board(refuse)
    job_id = await enqueue(fresh, board.job)
    await JobRunner(fresh, [board.job]).run_waiting()
    assert len(board.seen) == 1
    async with fresh.database.writing() as tx:
        await failures.discard(tx, job_id or 0)
    assert await dead(fresh) == []


async def test_one_that_takes_too_long_is_cut(fresh: Backends) -> None:
    async def hang(backends: Backends, payload: Note) -> None:
        await asyncio.Event().wait()

    job = Job("test.note", Note, hang, retry=Retry(tries=1), timeout_seconds=0.05)
    await enqueue(fresh, job)
    await JobRunner(fresh, [job]).run_waiting()
    [(_, _, error)] = await dead(fresh)
    assert error is not None
    assert error.startswith("TimedOut: Took longer")


async def test_a_payload_that_no_code_knows_any_more_is_a_dead_letter_not_a_crash(fresh: Backends) -> None:
    class Other(msgspec.Struct, frozen=True):
        number: int

    board = Board()
    await enqueue(fresh, board.job)
    async def run(backends: Backends, payload: Other) -> None:
        board.seen.append("ran")

    changed = Job("test.note", Other, run, retry=Retry(tries=1))
    await JobRunner(fresh, [changed]).run_waiting()
    [(_, _, error)] = await dead(fresh)
    assert error is not None
    assert "ValidationError" in error


async def test_the_future_waits(fresh: Backends) -> None:
    board = Board()
    await enqueue(fresh, board.job, "later", run_at=fresh.clock.now() + timedelta(hours=1))
    await JobRunner(fresh, [board.job]).run_waiting()
    assert board.seen == []
    async with fresh.database.reading() as reader:
        assert await failures.waiting_by_queue(reader) == {}


async def test_a_key_waits_once_and_a_lock_keeps_order(fresh: Backends) -> None:
    board = Board()
    assert await enqueue(fresh, board.job, "a", queueing_key="digest") is not None
    assert await enqueue(fresh, board.job, "b", queueing_key="digest") is None
    for text in "cde":
        await enqueue(fresh, board.job, text, lock="one-by-one")
    await JobRunner(fresh, [board.job]).run_waiting()
    assert board.seen == ["a", "c", "d", "e"]


async def test_a_worker_that_dies_leaves_its_job_to_another(fresh: Backends) -> None:
    """Its claim is in the database; its heartbeat stops with it. Here it has been silent for ever."""
    board = Board()
    job_id = await enqueue(fresh, board.job)
    async with fresh.database.writing() as tx:
        await tx.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = $1", job_id)
    await JobRunner(fresh, [board.job]).run_waiting()
    assert board.seen == []
    runner = JobRunner(fresh, [board.job])
    async with runner._app.open_async():
        assert await runner.rescue() == 1
    await JobRunner(fresh, [board.job]).run_waiting()
    assert board.seen == ["hello"]


async def test_told_to_stop_it_finishes_what_runs_and_gives_back_what_takes_too_long(fresh: Backends) -> None:
    began, finish = asyncio.Event(), asyncio.Event()
    ran: list[str] = []

    async def slowly(backends: Backends, payload: Note) -> None:
        began.set()
        await finish.wait()
        ran.append(payload.text)

    for drain_seconds, expected in ((30.0, ["hello"]), (0.01, [])):
        job = Job("test.note", Note, slowly, retry=AT_ONCE)
        began.clear()
        finish.clear()
        ran.clear()
        await enqueue(fresh, job)
        stop = asyncio.Event()
        worker = asyncio.create_task(JobRunner(fresh, [job], drain_seconds=drain_seconds).run(stop))
        await began.wait()
        stop.set()
        if expected:
            finish.set()
        await worker
        assert ran == expected
    async with fresh.database.reading() as reader:
        assert await failures.waiting_by_queue(reader) == {"default": 1}
        assert await failures.count_dead(reader) == 0
