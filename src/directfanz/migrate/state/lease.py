"""One operator at a time. The lock lives as long as its session, so a machine that dies lets go by itself."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
from collections.abc import Iterator

from directfanz.backends.clock.contract import Clock
from directfanz.migrate.errors import Held
from directfanz.migrate.side import Side
from directfanz.migrate.state.tables import SCHEMA, STORY

LOCK = 0x64667A_01  # ours among the advisory locks of the target


@contextlib.contextmanager
def lease(target: Side, clock: Clock, verb: str) -> Iterator[None]:
    with target.session("lease") as session:
        if not session.value("SELECT pg_try_advisory_lock(%s)", (LOCK,)):
            raise Held(_who_holds(target))
        session.execute(STORY)
        session.execute(
            f"""INSERT INTO {SCHEMA}.lease (who, verb, since) VALUES (%s, %s, %s)
            ON CONFLICT (one) DO UPDATE SET who = excluded.who, verb = excluded.verb, since = excluded.since""",
            (f"{getpass.getuser()}@{socket.gethostname()}, process {os.getpid()}", verb, clock.now()),
        )
        yield


def _who_holds(target: Side) -> str:
    with target.session("status") as session:
        there = session.value("SELECT to_regclass(%s)", (f"{SCHEMA}.lease",))
        rows = session.rows(f"SELECT who, verb, since FROM {SCHEMA}.lease") if there else []
    who, verb, since = rows[0] if rows else ("somebody", "a verb", "a moment ago")
    return f"{who} is at work here with `{verb}`, since {since}. Wait for them, or ask them to stop."
