"""Which moment of the source a table was copied at.

Generation 1 is all tables at the moment of the first slot. When that moment is lost (the source restarted, the holder died), the tables
that are whole keep it, and the others begin anew with a slot and a moment of their own: generation 2. Each generation has its own
publication, slot and subscription; a table changes the publication before its new slot exists, and a subscription takes no table that
is not in its publication when it is made, so no change is applied twice.
"""

from __future__ import annotations

import msgspec

from directfanz.migrate.catalogue.tables import Table
from directfanz.migrate.errors import SourceProblem
from directfanz.migrate.move import holder, parts
from directfanz.migrate.side import Session, Side, literal, quoted
from directfanz.migrate.state.tables import LINK, SCHEMA, marker, marker_table
from directfanz.migrate.work import Work


class Generation(msgspec.Struct, frozen=True):
    number: int
    slot: str | None
    snapshot: str | None
    tables: tuple[str, ...]
    streamed: tuple[str, ...]  # without those that no stream carries


def all_generations(work: Work) -> list[Generation]:
    rows = work.store.session.rows(
        f"SELECT number, slot, snapshot, tables, streamed FROM {SCHEMA}.generation WHERE run = %s ORDER BY number",
        (work.store.run,),
    )
    return [
        Generation(number, slot, snapshot, tuple(tables), tuple(streamed))
        for number, slot, snapshot, tables, streamed in rows
    ]


def name_of(work: Work, number: int) -> str:
    """Of publication, slot and subscription alike; unlike any other run's, for slots belong to the whole cluster."""
    return f"{SCHEMA}_{work.store.run.hex[-8:]}_{number}"


def current(work: Work, tables: list[Table]) -> Generation:
    """One whose moment still lives, with parts laid out for every table that has none."""
    known = all_generations(work)
    rewritten = _rewritten(work, tables)
    left = sorted({*parts.unfinished(work.store.session, work.store.run), *rewritten})
    if known and not rewritten and (not left or alive(work.source, known[-1].snapshot)):
        return known[-1]
    if known:
        names = ", ".join(left)
        work.decide(
            "warning",
            f"The moment of the copy is lost. Whole tables stay; these begin anew with their own stream: {names}.",
        )
        return _begin(work, [table for table in tables if table.quoted in left], known)
    return _begin(work, tables, known)


def alive(source: Side, snapshot: str | None) -> bool:
    if not snapshot:
        return False
    with source.session("copy") as session:
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            session.execute(f"SET TRANSACTION SNAPSHOT {literal(snapshot)}")
        except SourceProblem as error:
            if error.sqlstate in ("22023", "42704"):
                return False
            raise
    return True


def _rewritten(work: Work, tables: list[Table]) -> list[str]:
    """VACUUM FULL or CLUSTER gave every row another place: half a table by its old places is no half."""
    now = {table.quoted: table.filenode for table in tables}
    known = parts.filenodes(work.store.session, work.store.run)
    open_ones = set(parts.unfinished(work.store.session, work.store.run))
    return [name for name, node in known.items() if name in open_ones and now.get(name) != node]


def _begin(work: Work, tables: list[Table], known: list[Generation]) -> Generation:
    number = known[-1].number + 1 if known else 1
    names = [table.quoted for table in tables]
    with work.target.session("copy") as target:
        target.execute(marker_table(number))
        if known and names:
            target.execute(f"SET session_replication_role = replica; TRUNCATE ONLY {', '.join(names)}")
    streamed = [table.quoted for table in tables if table.logged]
    slot = _publish(work, number, streamed, known) if work.options.follow else None
    holder.let_go(work.source)
    _drop_slot(work.source, slot)
    snapshot = holder.hold(work.source, slot)
    session = work.store.session
    with session.transaction():
        parts.forget(session, work.store.run, names)
        for one in known:
            session.execute(
                f"UPDATE {SCHEMA}.generation SET tables = %s, streamed = %s WHERE run = %s AND number = %s",
                (
                    *([name for name in many if name not in names] for many in (one.tables, one.streamed)),
                    work.store.run,
                    one.number,
                ),
            )
        session.execute(
            f"""INSERT INTO {SCHEMA}.generation (run, number, slot, snapshot, tables, streamed) VALUES (%s, %s, %s, %s, %s, %s)""",
            (work.store.run, number, slot, snapshot, names, streamed),
        )
        parts.lay_out(session, work.store.run, tables, number, work.options.part_bytes)
        work.store.note("milestone", f"Generation {number}: {len(names)} tables at one moment of the source.")
    return Generation(number, slot, snapshot, tuple(names), tuple(streamed))


def _publish(work: Work, number: int, names: list[str], known: list[Generation]) -> str:
    name = name_of(work, number)
    with work.source.session("copy") as source:
        source.execute(LINK)
        source.execute(marker_table(number))
        for one in known:
            _leave(source, name_of(work, one.number), [table for table in one.streamed if table in names])
        source.execute(f"DROP PUBLICATION IF EXISTS {quoted(name)}")
        source.execute(f"CREATE PUBLICATION {quoted(name)} FOR TABLE ONLY {', ONLY '.join([marker(number), *names])}")
    return name


def _leave(source: Session, publication: str, tables: list[str]) -> None:
    there = {
        quoted(schema, table)
        for schema, table in source.rows(
            "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = %s", (publication,)
        )
    }
    if gone := [table for table in tables if table in there]:
        source.execute(f"ALTER PUBLICATION {quoted(publication)} DROP TABLE ONLY {', ONLY '.join(gone)}")


def _drop_slot(source: Side, slot: str | None) -> None:
    """Of a moment that was asked for and never noted."""
    with source.session("copy") as session:
        session.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active",
            (slot or "",),
        )
