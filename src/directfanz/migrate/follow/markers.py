"""Has everything arrived? A row written here and seen there says so; a position in the log is reported late and misleads."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from directfanz.kit.ids import new_id
from directfanz.migrate.errors import SideProblem
from directfanz.migrate.side import Session
from directfanz.migrate.state.tables import marker
from directfanz.migrate.work import Work

KEPT = "1 hour"
SHORTEST_MS = 100
CANCELED = "57014"


def write(session: Session, numbers: list[int]) -> uuid.UUID:
    """One id in all channels, in one transaction and one trip: writers may be waiting."""
    one = new_id()
    session.execute(
        "; ".join(f"INSERT INTO {marker(number)} (id) VALUES ('{one}')" for number in numbers) or "SELECT 1"
    )
    return one


def tidy(session: Session, numbers: list[int]) -> None:
    """Old ones go when nobody waits."""
    for number in numbers:
        session.execute(f"DELETE FROM {marker(number)} WHERE at < clock_timestamp() - interval '{KEPT}'")


def seen(session: Session, numbers: list[int], one: uuid.UUID) -> bool:
    return all(session.value(f"SELECT true FROM {marker(number)} WHERE id = %s", (one,)) for number in numbers)


def arrives(
    work: Work,
    here: Session,
    there: Session,
    numbers: list[int],
    seconds: float,
    meanwhile: Callable[[], object] = lambda: None,
) -> float | None:
    """How long a marker takes, in seconds; None when it did not come in time. `meanwhile` is done while it travels."""
    began = work.clock.monotonic()
    one = write(here, numbers)
    meanwhile()
    there.execute(
        f"SET statement_timeout = {max(SHORTEST_MS, round(seconds * 1000))}"
    )  # somebody may hold the table itself
    try:
        if not work.until(lambda: seen(there, numbers, one), seconds):
            return None
    except SideProblem as error:
        if error.sqlstate == CANCELED:
            return None
        raise
    finally:
        there.execute("SET statement_timeout = 0")
    return work.clock.monotonic() - began
