"""`copy`: every row as it was at one moment, and after it the indexes, side by side in one queue."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from directfanz.migrate.catalogue.tables import Table, read_tables
from directfanz.migrate.errors import Incomplete, MigrationError
from directfanz.migrate.follow import guard, identity
from directfanz.migrate.move import generations, indexes, large_objects, parts, rest, statements
from directfanz.migrate.move.generations import Generation
from directfanz.migrate.move.indexes import IndexWork
from directfanz.migrate.move.parts import Part
from directfanz.migrate.move.tasks import Queue
from directfanz.migrate.move.throttle import Throttle
from directfanz.migrate.progress import Progress
from directfanz.migrate.side import Session, literal
from directfanz.migrate.wire.connection import Wire, wire
from directfanz.migrate.wire.relay import relay
from directfanz.migrate.work import Work

_MORE_STATISTICS = "SELECT DISTINCT stxrelid::bigint FROM pg_statistic_ext"
FIRST = 1 << 60  # rows before indexes, whatever their weight


@dataclass(slots=True)
class Tools:
    """What one worker holds: a raw connection to each side for rows, a plain one for statements."""

    source: Wire
    target: Wire
    session: Session
    looking: Session


@dataclass(slots=True)
class Copy:
    work: Work
    generation: Generation
    progress: Progress
    throttle: Throttle
    tables: dict[str, Table]
    indexes: dict[str, list[IndexWork]]
    queue: Queue = field(default_factory=Queue)
    left: dict[str, int] = field(default_factory=dict)  # parts of a table
    building: dict[str, int] = field(default_factory=dict)  # indexes of a table
    analyzed: set[str] = field(default_factory=set)
    later: set[int] = field(default_factory=set)  # whose statistics wait for what `rest` makes
    lock: threading.Lock = field(default_factory=threading.Lock)


def copy(work: Work) -> None:
    if work.options.engine == "dms":
        from directfanz.migrate.dms import engine

        return engine.copy(work)
    with work.source.session("copy") as source:
        tables = read_tables(source)
        if work.options.follow:
            guard.arm(work)
            identity.prepare(work, tables)
        generation = generations.current(work, tables)
        todo = statements.pending(work.store.session, work.store.run)
        found = indexes.of_tables(source, todo)
        later = {row[0] for row in source.rows(_MORE_STATISTICS)}
    copying = Copy(
        work,
        generation,
        work.progress("copy"),
        Throttle(work.options, work.clock),
        {table.quoted: table for table in tables},
        found,
        later=later,
    )
    _fill(copying)
    copying.queue.run(work.options.jobs, lambda: _tools(work))
    _tell(copying, work.store.session, "rows")
    large_objects.copy(work, generation.snapshot)
    rest.finish(work, {one.statement.number for many in found.values() for one in many}, copying.analyzed)
    _require_all(copying)
    account = parts.account(work.store.session, work.store.run)
    return _end(work, copying, account)


def _end(work: Work, copying: Copy, account: parts.Account) -> None:
    work.store.end(
        f"Copied {account.rows:,} rows in {len(copying.tables)} tables.", rows=account.rows, bytes=account.bytes
    )


@contextlib.contextmanager
def _tools(work: Work) -> Iterator[Tools]:
    with (
        wire(work.source, "copy") as source,
        wire(work.target, "copy") as target,
        work.target.session("copy") as session,
        work.source.session("copy") as looking,
    ):
        target.query("SET session_replication_role = replica; SET synchronous_commit = off")
        session.execute("SET synchronous_commit = off")  # each line of a ledger is lost or kept with what it tells of
        yield Tools(source, target, session, looking)


def _fill(copying: Copy) -> None:
    """Parts of the table with the longest way first: its rows and then its indexes."""
    for part in parts.all_parts(copying.work.store.session, copying.work.store.run):
        copying.left[part.relation] = copying.left.get(part.relation, 0) + (not part.done)
        if not part.done:
            way = copying.tables[part.relation].bytes + sum(one.bytes for one in copying.indexes.get(part.relation, []))
            copying.queue.add(FIRST + way - part.number, partial(_copy_part, copying, part))
    for relation, left in copying.left.items():
        if not left:
            _add_indexes(copying, relation)


def _add_indexes(copying: Copy, relation: str) -> None:
    every = copying.indexes.get(relation, [])
    beside = [one for one in every if one.beside_others]
    copying.building[relation] = len(beside)
    for one in beside:
        copying.queue.add(one.bytes, partial(_build, copying, relation, one))
    if not beside:
        _complete_later(copying, relation)


def _build(copying: Copy, relation: str, one: IndexWork, tools: Tools) -> None:
    indexes.build(copying.work, one, tools.session)
    with copying.lock:
        copying.building[relation] -= 1
        last = not copying.building[relation]
    if last:
        _complete_later(copying, relation)


def _complete_later(copying: Copy, relation: str) -> None:
    """Before other indexes of the same weight: somebody may wait for the keys, nobody for what follows."""
    copying.queue.add(copying.tables[relation].bytes, partial(_complete, copying, relation))


def _complete(copying: Copy, relation: str, tools: Tools) -> None:
    """Keys, and statistics: nothing else works on the table now, and later its foreign keys do."""
    for one in copying.indexes.get(relation, []):
        if one.create or not one.beside_others:
            indexes.complete(copying.work, one, tools.session)
    if copying.tables[relation].oid not in copying.later:
        tools.session.execute(f"ANALYZE {relation}")
        copying.analyzed.add(relation)


def _copy_part(copying: Copy, part: Part, tools: Tools) -> None:
    work, table = copying.work, copying.tables[part.relation]
    copying.throttle.wait_for_quiet(tools.looking)
    tools.source.query(
        f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {literal(copying.generation.snapshot)}"
    )
    moved = relay(tools.source, tools.target, *_commands(table, part), copying.throttle.took)
    _require_same_places(table, tools.source)
    if not tools.target.query(parts.arrived(work.store.run, part, moved.rows, moved.bytes)):
        raise MigrationError(f"Somebody else copied part {part.number} of {part.relation}. Nothing was kept twice.")
    tools.target.query("COMMIT")
    _arrived(copying, part, tools)


def _commands(table: Table, part: Part) -> tuple[str, str]:
    columns = f"({table.column_list})" if table.moved else ""
    how = "WITH (FORMAT binary)" if table.binary else ""
    where = f" WHERE {part.condition}" if part.condition else ""
    selected = f"SELECT {table.column_list} FROM ONLY {table.quoted}{where}"
    return f"COPY ({selected}) TO STDOUT {how}", f"BEGIN; COPY {table.quoted} {columns} FROM STDIN {how}"


def _require_same_places(table: Table, source: Wire) -> None:
    now = source.query(f"SELECT coalesce(pg_relation_filenode({table.oid}::oid), 0); COMMIT")[0][0]
    if now != str(table.filenode):
        raise Incomplete(
            f"{table.quoted} was rewritten while it was copied (VACUUM FULL, CLUSTER or TRUNCATE). Go on with --resume."
        )


def _arrived(copying: Copy, part: Part, tools: Tools) -> None:
    if copying.progress.is_due:
        _tell(copying, tools.session, part.relation)
    with copying.lock:
        copying.left[part.relation] -= 1
        whole = not copying.left[part.relation]
    if whole:
        _add_indexes(copying, part.relation)


def _tell(copying: Copy, session: Session, what: str) -> None:
    account = parts.account(session, copying.work.store.run)
    with copying.lock:
        copying.progress.told(what, account.done, account.total, account.rows, account.bytes)


def _require_all(copying: Copy) -> None:
    work = copying.work
    if left := parts.unfinished(work.store.session, work.store.run):
        raise MigrationError(f"These tables are not whole: {', '.join(left)}.")
    with work.target.session("copy") as target:
        bad = [row[0] for row in target.rows("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")]
    with work.source.session("copy") as source:
        was = [row[0] for row in source.rows("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")]
    if new := sorted(set(bad) - set(was)):
        raise MigrationError(f"These indexes are not valid: {', '.join(new)}.")
