"""Indexes after their rows. Sort memory that fits the processor's cache and needs one merge beats one great sort."""

from __future__ import annotations

import msgspec

from directfanz.migrate.move import statements
from directfanz.migrate.move.statements import Pending
from directfanz.migrate.side import Session, quoted
from directfanz.migrate.work import Work

SMALLEST_SORT_KB = 8 * 1024
LARGEST_SORT_KB = 128 * 1024
SORT_SHARE = 200  # of the index's bytes: keeps it to one merge pass


class IndexWork(msgspec.Struct, frozen=True):
    statement: Pending
    bytes: int


_OF_TABLES = """
SELECT x.oid::bigint, n.nspname, t.relname, pg_relation_size(x.index)::bigint FROM (
  SELECT i.indexrelid oid, i.indrelid relation, i.indexrelid index FROM pg_index i UNION ALL
  SELECT k.oid, k.conrelid, k.conindid FROM pg_constraint k WHERE k.contype IN ('p', 'u', 'x')) x
JOIN pg_class t ON t.oid = x.relation JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE t.relkind = 'r' AND x.oid = ANY(%s::bigint[]::oid[])"""


def of_tables(source: Session, todo: list[Pending]) -> dict[str, list[IndexWork]]:
    """By table. Of partitioned tables and of views they wait for their turn in the list."""
    wanted = {one.source_oid: one for one in todo if one.kind in ("INDEX", "CONSTRAINT")}
    found: dict[str, list[IndexWork]] = {}
    for oid, schema, name, size in source.rows(_OF_TABLES, (list(wanted),)):
        found.setdefault(quoted(schema, name), []).append(IndexWork(wanted[oid], size))
    return found


def sort_kilobytes(index_bytes: int) -> int:
    return max(SMALLEST_SORT_KB, min(LARGEST_SORT_KB, index_bytes // SORT_SHARE // 1024))


def build(work: Work, one: IndexWork, session: Session) -> None:
    session.execute(
        f"SET maintenance_work_mem = '{sort_kilobytes(one.bytes)}kB'; SET max_parallel_maintenance_workers = 0"
    )
    statements.carry_out(session, work.store.run, work.clock, one.statement)
