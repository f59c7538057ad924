"""Two snapshots of one logical moment, one on each side.

Without a stream it is the moment of the copy, which the holder keeps. With one, writers wait for a few milliseconds while the source's
snapshot is taken and a marker is written; the apply worker stops at the marker, because a trigger there waits for a lock that we hold,
and the target's snapshot is taken while it stands.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import msgspec

from directfanz.migrate.errors import GateFailed, SideProblem, WrongUse
from directfanz.migrate.follow import channels, markers
from directfanz.migrate.follow.fences import lock_tables
from directfanz.migrate.move.generations import all_generations
from directfanz.migrate.side import Session, Side, literal
from directfanz.migrate.state.tables import BACK, SCHEMA, marker
from directfanz.migrate.work import Work

HOLD_LOCK = 0x64667A_02
ARRIVAL_SECONDS = 30


class Pair(msgspec.Struct, frozen=True):
    """By table: which snapshot to read it under. A table that is in neither cannot be compared now."""

    source: dict[str, str]
    target: str | None
    pause_ms: float = 0.0


@contextlib.contextmanager
def at_one_moment(work: Work, phase: str) -> Iterator[Pair]:
    if phase == "copied" and work.options.engine == "dms":
        raise WrongUse("DMS keeps no moment of its full load: verify once the changes follow.")
    if phase == "copied":
        with work.target.session("verify") as target:
            yield _moment_of_copy(work, _export(target))
        return
    if not work.options.follow:
        raise WrongUse("Without a stream there is nothing to compare at one moment any more.")
    if phase == "cut_over":
        if not work.options.reverse:
            raise WrongUse("The target has the writes now, and no stream goes back: the old side cannot be equal.")
        with _live(work, work.target, work.source, [BACK]) as (here, there, pause):
            yield Pair(dict.fromkeys(_tables(work), there), here, pause)
        return
    with _live(work, work.source, work.target, channels.forward_numbers(work)) as (here, there, pause):
        yield Pair(dict.fromkeys(_tables(work), here), there, pause)


def _tables(work: Work) -> list[str]:
    return [table for one in all_generations(work) for table in one.streamed]


def _moment_of_copy(work: Work, target: str) -> Pair:
    """Tables of an older generation wait for their stream: their moment is gone."""
    known = all_generations(work)[-1]
    return Pair(dict.fromkeys(known.tables, known.snapshot or ""), target)


def _export(session: Session) -> str:
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    return str(session.value("SELECT pg_export_snapshot()"))


@contextlib.contextmanager
def _live(work: Work, writer: Side, reader: Side, numbers: list[int]) -> Iterator[tuple[str, str, float]]:
    with contextlib.ExitStack() as stack:
        here, there, holding = (stack.enter_context(side.session("verify")) for side in (writer, reader, reader))
        stack.callback(_loosen, reader, numbers)
        _tie(reader, numbers)
        holding.execute("SELECT pg_advisory_lock(%s)", (HOLD_LOCK,))
        snapshot, pause = _moment_of_writer(work, writer, here, numbers)
        if not work.until(lambda: _all_stopped(holding, len(numbers)), ARRIVAL_SECONDS):
            raise GateFailed(
                f"The stream did not come to the marker in {ARRIVAL_SECONDS} s: it is too far behind to compare."
            )
        other = _export(there)
        holding.execute("SELECT pg_advisory_unlock(%s)", (HOLD_LOCK,))
        yield snapshot, other, pause


def _tie(reader: Side, numbers: list[int]) -> None:
    with reader.session("verify") as session:
        session.execute(
            f"""CREATE OR REPLACE FUNCTION {SCHEMA}.hold() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock({HOLD_LOCK}); RETURN new; END'"""
        )
        for number in numbers:
            session.execute(
                f"""CREATE OR REPLACE TRIGGER hold BEFORE INSERT ON {marker(number)} FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.hold();
                ALTER TABLE {marker(number)} ENABLE ALWAYS TRIGGER hold"""
            )


def _loosen(reader: Side, numbers: list[int]) -> None:
    with contextlib.suppress(SideProblem), reader.session("verify") as session:
        for number in numbers:
            session.execute(f"ALTER TABLE {marker(number)} DISABLE TRIGGER hold")


def _moment_of_writer(work: Work, writer: Side, here: Session, numbers: list[int]) -> tuple[str, float]:
    """All that is committed before the lock is in the snapshot, and before the marker; all that comes after is behind both."""
    with writer.session("verify") as locking, writer.session("verify") as marking:
        began = lock_tables(work, locking, _tables(work), "SHARE")
        snapshot = _export(here)
        markers.write(marking, numbers)
        locking.execute("COMMIT")
    return snapshot, (work.clock.monotonic() - began) * 1000


def _all_stopped(session: Session, count: int) -> bool:
    waiting = session.value(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND ((classid::bigint << 32) | objid::bigint) = %s AND NOT granted",
        (HOLD_LOCK,),
    )
    return bool(waiting >= count)


def read_under(session: Session, snapshot: str | None) -> None:
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    if snapshot:
        session.execute(f"SET TRANSACTION SNAPSHOT {literal(snapshot)}")
