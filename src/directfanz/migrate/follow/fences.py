"""Locks that make writers wait. Many short tries: far below `deadlock_timeout`, so that no transaction of the application is ever the
victim, and a try that fails holds the writers up for 25 ms."""

from __future__ import annotations

import time

from directfanz.migrate.errors import GateFailed, SideProblem
from directfanz.migrate.side import Session
from directfanz.migrate.work import Work

SHORT_MS = 25
LONG_MS = 200
SHORT_TRIES = 60
PAUSE_SECONDS = 0.01
NOT_GRANTED = ("55P03", "40P01")  # lock_not_available, deadlock_detected


def lock_tables(work: Work, session: Session, tables: list[str], mode: str) -> float:
    """When the try that got all locks began. The session's own end is the dead man's switch."""
    session.execute(f"SET idle_in_transaction_session_timeout = '{work.options.fence_ms}ms'")
    for number in range(work.options.fence_tries):
        began = work.clock.monotonic()
        if _try(session, tables, mode, SHORT_MS if number < SHORT_TRIES else LONG_MS):
            return began
        time.sleep(PAUSE_SECONDS)
    raise GateFailed(
        f"The locks were not granted in {work.options.fence_tries} tries: a long transaction holds one of the tables. Nothing was changed."
    )


def _try(session: Session, tables: list[str], mode: str, milliseconds: int) -> bool:
    locks = f"LOCK TABLE ONLY {', ONLY '.join(tables)} IN {mode} MODE" if tables else "SELECT 1"
    try:
        session.execute(f"BEGIN; SET LOCAL lock_timeout = '{milliseconds}ms'; {locks}")
    except SideProblem as error:
        session.execute("ROLLBACK")
        if error.sqlstate not in NOT_GRANTED:
            raise
        return False
    return True
