"""Write twice, and be right: what the second place is to be told is a row in the first place's own transaction.

    with connection.transaction():
        connection.execute("UPDATE orders SET paid = true WHERE id = %s", (7,))
        outbox.put(connection, "order/7", {"paid": True})

    outbox.deliver(connection, send)        # in a loop of its own: a worker, a cron job

A blind second write (`write(a); write(b)`) loses one of the two whenever the process dies in between, and swaps two of them whenever
two processes race. Here the row is there if and only if the first write is; it is delivered in the order of the commits of its key, at
least once, with a number that the second place can refuse to take twice; and what it refuses stays, and holds back only its own key.

Between two PostgreSQL servers none of this is needed: there `follow` carries each side's writes to the other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

TABLE = "directfanz_outbox"
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL, body jsonb NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(), tries int NOT NULL DEFAULT 0, problem text, try_after timestamptz);
CREATE INDEX IF NOT EXISTS {TABLE}_key ON {TABLE} (key, number);
"""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1, 300
# For the second place, when it is PostgreSQL too: a message is taken if its number is greater than the last of its key.
SEEN = "directfanz_outbox_seen"
SEEN_SCHEMA = f"CREATE TABLE IF NOT EXISTS {SEEN} (key text PRIMARY KEY, number bigint NOT NULL)"


class Message(msgspec.Struct, frozen=True):
    number: int  # grows within a key
    key: str
    body: Any


class Standing(msgspec.Struct, frozen=True):
    waiting: int
    oldest: datetime | None
    stuck: list[str]  # keys whose next message was refused, with the reason


Send = Callable[[Message], None]


def prepare(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction():
        connection.execute(SCHEMA)


def put(connection: psycopg.Connection[Any], key: str, body: Any) -> None:
    """In the caller's transaction, which it must have opened: without one this would be the blind write it is to replace."""
    if connection.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
        raise RuntimeError("Open a transaction first: the message belongs to the write that it tells of.")
    # Numbers of one key are given in the order of commits: who writes the key waits for who wrote it before.
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", (key,))
    connection.execute(f"INSERT INTO {TABLE} (key, body) VALUES (%s, %s)", (key, Jsonb(body)))


def deliver(connection: psycopg.Connection[Any], send: Send, most: int = 100) -> int:
    """How many were taken. Each is sent and crossed out in a transaction of its own; many may deliver side by side."""
    taken = 0
    for _ in range(most):
        sent = _deliver_one(connection, send)
        if sent is None:
            break
        taken += sent
    return taken


def _deliver_one(connection: psycopg.Connection[Any], send: Send) -> bool | None:
    """None: nothing is due."""
    with connection.transaction():
        row = connection.execute(_NEXT).fetchone()
        if row is None:
            return None
        message = Message(*row)
        try:
            send(message)
        except Exception as error:
            _put_off(connection, message.number, f"{type(error).__name__}: {error}"[:500])
            return False
        connection.execute(f"DELETE FROM {TABLE} WHERE number = %s", (message.number,))
    return True


# The first of its key, and nobody else has it in hand.
_NEXT = f"""
SELECT number, key, body FROM {TABLE} o WHERE (try_after IS NULL OR try_after <= clock_timestamp())
AND NOT EXISTS (SELECT FROM {TABLE} e WHERE e.key = o.key AND e.number < o.number)
ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED"""


def _put_off(connection: psycopg.Connection[Any], number: int, problem: str) -> None:
    connection.execute(
        f"""UPDATE {TABLE} SET tries = tries + 1, problem = %s,
        try_after = clock_timestamp() + least(%s * 2 ^ tries, %s) * interval '1 second' WHERE number = %s""",
        (problem, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, number),
    )


def standing(connection: psycopg.Connection[Any]) -> Standing:
    with connection.transaction():
        row = connection.execute(f"SELECT count(*), min(written_at) FROM {TABLE}").fetchone()
        stuck = connection.execute(
            f"SELECT key || ': ' || problem FROM {TABLE} WHERE problem IS NOT NULL ORDER BY number LIMIT 20"
        ).fetchall()
    assert row
    return Standing(row[0], row[1], [text for (text,) in stuck])


def once(connection: psycopg.Connection[Any], message: Message, write: Callable[[], None]) -> bool:
    """At the second place, in one transaction with its write: false, and nothing written, when the message was here before."""
    with connection.transaction():
        fresh = connection.execute(
            f"""INSERT INTO {SEEN} AS s (key, number) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET number = excluded.number
            WHERE s.number < excluded.number RETURNING true""",
            (message.key, message.number),
        ).fetchone()
        if fresh:
            write()
    return fresh is not None
