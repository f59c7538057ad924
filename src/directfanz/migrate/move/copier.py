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
    left: dict[str, int] = field(default_factory=dict)
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
    copying = Copy(
        work,
        generation,
        work.progress("copy"),
        Throttle(work.options, work.clock),
        {table.quoted: table for table in tables},
        found,
    )
    _fill(copying)
    copying.queue.run(work.options.jobs, lambda: _tools(work))
    large_objects.copy(work, generation.snapshot)
    rest.finish(work, {one.statement.number for many in found.values() for one in many})
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
    work = copying.work
    for one in copying.indexes.get(relation, []):
        copying.queue.add(one.bytes, partial(_build, work, one))


def _build(work: Work, one: IndexWork, tools: Tools) -> None:
    indexes.build(work, one, tools.session)


def _copy_part(copying: Copy, part: Part, tools: Tools) -> None:
    work, table = copying.work, copying.tables[part.relation]
    copying.throttle.wait_for_quiet(tools.looking)
    tools.source.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    tools.source.query(f"SET TRANSACTION SNAPSHOT {literal(copying.generation.snapshot)}")
    tools.target.query("BEGIN")
    moved = relay(tools.source, tools.target, *_commands(table, part), copying.throttle.took)
    _require_same_places(table, tools.source)
    if not tools.target.query(parts.arrived(work.store.run, part, moved.rows, moved.bytes)):
        raise MigrationError(f"Somebody else copied part {part.number} of {part.relation}. Nothing was kept twice.")
    tools.target.query("COMMIT")
    tools.source.query("COMMIT")
    _arrived(copying, part, tools)


def _commands(table: Table, part: Part) -> tuple[str, str]:
    columns = f"({table.column_list})" if table.moved else ""
    how = "WITH (FORMAT binary)" if table.binary else ""
    where = f" WHERE {part.condition}" if part.condition else ""
    selected = f"SELECT {table.column_list} FROM ONLY {table.quoted}{where}"
    return f"COPY ({selected}) TO STDOUT {how}", f"COPY {table.quoted} {columns} FROM STDIN {how}"


def _require_same_places(table: Table, source: Wire) -> None:
    now = source.query(f"SELECT coalesce(pg_relation_filenode({table.oid}::oid), 0)")[0][0]
    if now != str(table.filenode):
        raise Incomplete(
            f"{table.quoted} was rewritten while it was copied (VACUUM FULL, CLUSTER or TRUNCATE). Go on with --resume."
        )


def _arrived(copying: Copy, part: Part, tools: Tools) -> None:
    account = parts.account(tools.session, copying.work.store.run)
    with copying.lock:
        copying.progress.told(part.relation, account.done, account.total, account.rows, account.bytes)
        copying.left[part.relation] -= 1
        whole = not copying.left[part.relation]
    if whole:
        _add_indexes(copying, part.relation)


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
