"""All backends of a process: opened in order, closed in reverse, and nothing left open when one does not open."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from pathlib import Path

import msgspec
import pytest

from directfanz.backends import assembly
from directfanz.backends.assembly import closed, opened
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.clock.system import SystemClock
from directfanz.backends.email.contract import Message
from directfanz.errors import ConfigurationError, DirectFanzError, Unavailable
from directfanz.settings import Secret, Settings
from tests.support.own_engines import own_engines


class Threads:
    """Of backends, begun since this was made: other tests of the worker keep some of their own."""

    def __init__(self) -> None:
        self._before = set(threading.enumerate())

    def left(self) -> set[str]:
        ours = ("telemetry", "storage", "log-")
        return {t.name for t in set(threading.enumerate()) - self._before if t.name.startswith(ours)}


@pytest.fixture
def threads() -> Threads:
    return Threads()


@pytest.fixture
def kept(settings: Settings, tmp_path: Path) -> Settings:
    return msgspec.structs.replace(settings, telemetry_backend="store", state_dir=str(tmp_path))


async def test_everything_answers_and_nothing_is_left(kept: Settings, clock: ManualClock, threads: Threads) -> None:
    handlers = logging.getLogger().handlers[:]
    async with opened(kept, service="test", clock=clock) as backends:
        assert backends.clock is clock
        await backends.database.ping()
        await backends.cache.ping()
        await backends.storage.ensure_buckets()
        await backends.storage.ping()
        await backends.secrets.put("key", "x")
        assert backends.tokens.verify("a", backends.tokens.sign("a", "x"), clock.now()) == "x"
        assert threads.left()
    assert threads.left() == set()
    assert logging.getLogger().handlers == handlers


async def test_without_a_clock_it_is_the_machines(kept: Settings) -> None:
    async with opened(kept, service="test") as backends:
        assert isinstance(backends.clock, SystemClock)


@pytest.mark.parametrize(
    "change",
    [
        {"database_url": Secret("postgresql://nobody@127.0.0.1:9/x?sslmode=disable")},
        {"email_from": "nobody"},
        {"smtp_url": None},
    ],
)
async def test_if_one_part_does_not_open_those_before_it_are_closed(
    kept: Settings, threads: Threads, change: dict[str, object]
) -> None:
    with pytest.raises(DirectFanzError):
        async with opened(msgspec.structs.replace(kept, **change), service="test"):
            pass
    assert threads.left() == set()


async def test_an_error_of_the_process_goes_on_after_all_is_closed(kept: Settings, threads: Threads) -> None:
    with pytest.raises(LookupError):
        async with opened(kept, service="test"):
            raise LookupError
    assert threads.left() == set()


async def test_an_engine_that_hangs_does_not_keep_a_process_alive(
    kept: Settings, threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "CLOSE_SECONDS", 1.0)
    async with own_engines("valkey") as mine:  # it ends them with SIGKILL, stopped or not
        node = f"127.0.0.1:{mine.set.valkey.port}"
        hanging = msgspec.structs.replace(
            kept, cache_nodes=(node,), cache_password=Secret(mine.set.valkey.password), cache_database=0
        )
        async with asyncio.timeout(30), opened(hanging, service="test") as backends:
            await backends.cache.set("a", "b")
            os.kill(mine.pid("valkey"), signal.SIGSTOP)
    assert threads.left() == set()


async def test_mail_goes_nowhere_when_nobody_listens(kept: Settings) -> None:
    async with opened(kept, service="test") as backends:
        with pytest.raises(Unavailable):
            await backends.mailer.send(Message(to="ada@example.com", subject="a", text="b", html="c", key="d"))


async def test_what_a_part_does_wrong_while_closing_is_said_and_bounded(caplog: pytest.LogCaptureFixture) -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    async def breaks() -> None:
        raise ConfigurationError("half closed")

    await closed("cache", hangs, within_seconds=0.01)
    await closed("database", breaks)

    assert "The cache did not close within 0.01 seconds" in caplog.text
    assert "The database did not close as it should" in caplog.text
