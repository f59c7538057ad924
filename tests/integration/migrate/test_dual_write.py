"""An application that writes twice itself: nothing is told that was not written, all that was written is told, in order, once."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import conninfo

from directfanz.kit.ids import new_id
from directfanz.migrate.dual import outbox
from directfanz.migrate.dual.outbox import Message
from tests.support.engines import Engines


@pytest.fixture
def address(engines: Engines) -> Iterator[str]:
    """Both places in one database, each in a schema of its own."""
    schema = f"dual_{new_id().hex}"
    made = conninfo.make_conninfo(engines.postgres_url(), options=f"-c search_path={schema}")
    with psycopg.connect(made, autocommit=True) as session:
        session.execute(
            f"CREATE SCHEMA {schema}; CREATE TABLE there (key text PRIMARY KEY, value int); {outbox.SEEN_SCHEMA}"
        )
        session.execute("CREATE TABLE here (key text PRIMARY KEY, value int)")
        outbox.prepare(session)
        yield made
        session.execute(f"DROP SCHEMA {schema} CASCADE")


def _set(session: psycopg.Connection[Any], key: str, value: int) -> None:
    session.execute(
        "INSERT INTO here VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
    )
    outbox.put(session, key, value)


class Second:
    """Takes each message once; sometimes says no, sometimes takes it and its answer is lost."""

    def __init__(self, address: str, seed: int = 0) -> None:
        self.session = psycopg.connect(address)
        self.seen: list[tuple[str, int]] = []
        self._chance = random.Random(seed)

    def send(self, message: Message) -> None:
        luck = self._chance.random()
        if luck < 0.15:
            raise ConnectionError("no answer")
        outbox.once(self.session, message, lambda: self._write(message))
        if luck < 0.3:
            raise TimeoutError("taken, but the answer is lost")

    def _write(self, message: Message) -> None:
        self.seen.append((message.key, message.body))
        self.session.execute(
            "INSERT INTO there VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (message.key, message.body),
        )


async def test_a_message_belongs_to_its_write(address: str) -> None:
    with psycopg.connect(address) as session, psycopg.connect(address, autocommit=True) as alone:
        with pytest.raises(RuntimeError, match="Open a transaction first"):
            outbox.put(alone, "a", 1)
        with session.transaction(force_rollback=True):
            _set(session, "a", 1)
        assert outbox.standing(session).waiting == 0
        with session.transaction():
            _set(session, "a", 2)
        assert outbox.standing(session).waiting == 1


async def test_what_is_refused_stays_and_holds_back_only_its_key(address: str) -> None:
    told: list[Message] = []

    def send(message: Message) -> None:
        if message.key == "bad":
            raise ValueError("never")
        told.append(message)

    with psycopg.connect(address) as session:
        with session.transaction():
            for key, value in (("bad", 1), ("good", 1), ("bad", 2), ("good", 2)):
                _set(session, key, value)
        outbox.deliver(session, send)
        assert [(one.key, one.body) for one in told] == [("good", 1), ("good", 2)]
        standing = outbox.standing(session)
        assert (standing.waiting, standing.stuck) == (2, ["bad: ValueError: never"])


async def test_racing_writers_a_weak_second_place_and_lost_answers(address: str) -> None:
    """Four writers on three keys, two couriers: in the end both places hold the same, and each key's values came in their order."""
    keys, each = ("x", "y", "z"), 30

    def write(seed: int) -> None:
        chance = random.Random(seed)
        with psycopg.connect(address) as session:
            for _ in range(each):
                with session.transaction():
                    key = chance.choice(keys)
                    session.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", (key,))
                    row = session.execute(
                        "SELECT coalesce(max(value), 0) + 1 FROM here WHERE key = %s", (key,)
                    ).fetchone()
                    assert row
                    _set(session, key, row[0])

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for writer in writers:
        writer.start()
    second = [Second(address, seed) for seed in (1, 2)]
    with psycopg.connect(address) as courier:
        while any(writer.is_alive() for writer in writers) or outbox.standing(courier).waiting:
            for one in second:
                outbox.deliver(courier, one.send)
            with courier.transaction():
                courier.execute(f"UPDATE {outbox.TABLE} SET try_after = NULL")  # nobody waits in a test
        for key in keys:
            values = [value for one in second for seen, value in one.seen if seen == key]
            assert sorted(values) == list(range(1, len(values) + 1))
        assert (
            courier.execute("SELECT * FROM here ORDER BY 1").fetchall()
            == courier.execute("SELECT * FROM there ORDER BY 1").fetchall()
        )
        rows = courier.execute("SELECT sum(value) FROM here").fetchone()
        assert rows
        assert rows[0] == 4 * each
    for one in second:
        one.session.close()
