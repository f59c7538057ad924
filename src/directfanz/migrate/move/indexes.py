"""Indexes after their rows. Sort memory that fits the processor's cache and needs one merge beats one great sort.

Indexes of one table are built side by side, which `CREATE INDEX` allows and `ADD CONSTRAINT` does not: it locks the table, and what was
to be built beside it waits. So a key is built as a plain unique index, and becomes a constraint when all indexes of its table are there.
"""

from __future__ import annotations

import re

import msgspec

from directfanz.migrate.move import statements
from directfanz.migrate.move.statements import Pending
from directfanz.migrate.side import Session, quoted
from directfanz.migrate.work import Work

SMALLEST_SORT_KB = 8 * 1024
LARGEST_SORT_KB = 128 * 1024
SORT_SHARE = 200  # of the index's bytes: keeps it to one merge pass


_KEY = re.compile(
    r"\A(?P<add>ALTER TABLE ONLY .+\n    ADD CONSTRAINT .+) (?P<kind>PRIMARY KEY|UNIQUE)( NULLS NOT DISTINCT)? \([^;]*?"
    r"(?P<when>( NOT)? DEFERRABLE( INITIALLY DEFERRED)?)?;\Z"
)
_UNIQUE = "CREATE UNIQUE INDEX "


class IndexWork(msgspec.Struct, frozen=True):
    statement: Pending
    bytes: int
    create: str = ""  # of a key: its index alone
    attach: str = ""  # and what makes it a key

    @property
    def beside_others(self) -> bool:
        return self.statement.kind == "INDEX" or bool(self.create)


_OF_TABLES = """
SELECT x.oid::bigint, n.nspname, t.relname, pg_relation_size(x.index)::bigint, pg_get_indexdef(x.index), c.relname,
  EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = t.oid) FROM (
  SELECT i.indexrelid oid, i.indrelid relation, i.indexrelid index FROM pg_index i UNION ALL
  SELECT k.oid, k.conrelid, k.conindid FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x')) x JOIN pg_class c ON c.oid = x.index
JOIN pg_class t ON t.oid = x.relation JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE t.relkind = 'r' AND x.oid = ANY(%s::bigint[]::oid[])"""


def of_tables(source: Session, todo: list[Pending]) -> dict[str, list[IndexWork]]:
    """By table. Of partitioned tables and of views they wait for their turn in the list."""
    wanted = {one.source_oid: one for one in todo if one.kind in ("INDEX", "CONSTRAINT")}
    found: dict[str, list[IndexWork]] = {}
    for oid, schema, name, size, definition, index, inherits in source.rows(_OF_TABLES, (list(wanted),)):
        # a key made of an index would make columns NOT NULL by themselves that were so by their parent
        create, attach = ("", "") if inherits else _in_two(wanted[oid], definition, index)
        found.setdefault(quoted(schema, name), []).append(IndexWork(wanted[oid], size, create, attach))
    return found


def _in_two(statement: Pending, definition: str, index: str) -> tuple[str, str]:
    """Where we are sure; all else is carried out as it was written. After a crash the index may be there: then it is whole."""
    key = _KEY.match(statement.text) if statement.kind == "CONSTRAINT" else None
    if not key or not definition.startswith(_UNIQUE):
        return "", ""
    attach = f"{key['add']} {key['kind']} USING INDEX {quoted(index)}{key['when'] or ''};"
    return f"{_UNIQUE}IF NOT EXISTS {definition.removeprefix(_UNIQUE)}", attach


def sort_kilobytes(index_bytes: int) -> int:
    return max(SMALLEST_SORT_KB, min(LARGEST_SORT_KB, index_bytes // SORT_SHARE // 1024))


def build(work: Work, one: IndexWork, session: Session) -> None:
    _remember(one, session)
    if one.create:
        session.execute(one.create)
    else:
        statements.carry_out(session, work.store.run, work.clock, one.statement)


def complete(work: Work, one: IndexWork, session: Session) -> None:
    """What needs the table for itself."""
    _remember(one, session)
    statements.carry_out(session, work.store.run, work.clock, one.statement, one.attach)


def _remember(one: IndexWork, session: Session) -> None:
    session.execute(
        f"SET maintenance_work_mem = '{sort_kilobytes(one.bytes)}kB'; SET max_parallel_maintenance_workers = 0"
    )
