"""Between the verbs somebody looks: the board is written, those who look are nudged, and a stream that would fill a disk is let go."""

from __future__ import annotations

import asyncio
import time

import pytest
import redis

from directfanz.errors import ConfigurationError
from directfanz.kit.move_board import BOARD, NUDGE, WATCHERS, read
from directfanz.migrate import verbs
from directfanz.migrate.console import Console
from directfanz.migrate.follow import guard as slots
from directfanz.migrate.guarding import Guard, Letters
from directfanz.migrate.move.throttle import within
from tests.support.engines import Engines
from tests.support.mailbox import mailbox_opened, text_of
from tests.support.two_homes import CLOCK, Homes

TABLES = ("CREATE TABLE a (id serial PRIMARY KEY, v text)", "INSERT INTO a (v) SELECT 'x' FROM generate_series(1, 50)")


async def test_the_board_the_nudge_and_the_disk_of_the_source(homes: Homes, engines: Engines) -> None:
    address = f"redis://:{engines.valkey_password}@127.0.0.1:{engines.valkey_port}/2"
    said: list[str] = []
    with homes.move(*TABLES) as moving, redis.Redis.from_url(address) as cache:
        moving.plan(slot_bytes=1)  # whatever the source keeps is too much
        with moving.work() as work:
            verbs.schema(work)
            verbs.copy(work)
        cache.hset(WATCHERS, mapping={"notify:olu": str(time.time() + 60), "notify:gone": str(time.time() - 60)})
        listening = cache.pubsub(ignore_subscribe_messages=True)
        listening.subscribe("notify:olu")
        listening.get_message(timeout=5)
        console = Console(address, moving.source, moving.target, CLOCK)
        guard = Guard(moving.source, moving.target, CLOCK, said.append, console)
        with moving.source.session("test") as source:
            assert slots.slots(source, 1, "dfz_migration")
        alerts = guard.look_once()
        assert any("let go" in one for one in alerts), alerts
        with moving.source.session("test") as source:
            assert not slots.slots(source, 1, "dfz_migration")
        board = read(cache.get(BOARD))
        assert board
        assert (board.phase, board.done, board.tables_whole) == ("copied", board.total, 1)
        assert board.alerts == alerts
        message = listening.get_message(timeout=5)
        assert message
        assert message["data"] == NUDGE
        assert cache.hkeys(WATCHERS) == [b"notify:olu"]
        heard = len(said)
        guard.look_once()
        assert not [one for one in said[heard:] if one in alerts]  # nobody is woken twice for the same
        console.close()
        listening.close()
        cache.flushdb()


async def test_a_letter_for_each_new_trouble(homes: Homes) -> None:
    """One, and not again for the same; a mail server that is away stops nobody."""
    with homes.move() as moving:  # nothing is planned there: trouble enough
        async with mailbox_opened() as mailbox:
            letters = Letters(mailbox.url, "move@example.com", "olu@example.com")
            guard = Guard(moving.source, moving.target, CLOCK, lambda _: None, None, letters)
            for _ in range(2):
                await asyncio.to_thread(guard.look_once)
            (letter,) = mailbox.to("olu@example.com")
            assert (letter["From"], letter["Subject"]) == ("move@example.com", "A move needs you")
            assert "No move is planned" in text_of(letter)
            assert "directfanz migrate status" in text_of(letter)
        away = Guard(moving.source, moving.target, CLOCK, lambda _: None, None, letters)
        assert await asyncio.to_thread(away.look_once)
    with pytest.raises(ConfigurationError, match="must look like"):
        Letters("mail.example.com", "a@b.c", "a@b.c")


def test_hours_go_over_midnight() -> None:
    assert [hour for hour in range(24) if within("22-6", hour)] == [0, 1, 2, 3, 4, 5, 22, 23]
    assert [hour for hour in range(24) if within("9-11", hour)] == [9, 10]


def test_a_board_of_another_version_is_no_board() -> None:
    assert read(None) is None
    assert read(b'{"at": 1}') is None
