"""What the schema needs when all rows are there: attached indexes, foreign keys, triggers, views that hold rows, sequences, statistics.

Statements keep their order. What takes long and needs none, checking old rows against foreign keys and gathering statistics, goes on side
by side afterwards, and is found again by looking, so that an interruption forgets nothing.
"""

from __future__ import annotations

import re
from functools import partial

from directfanz.migrate.catalogue.own import OURS
from directfanz.migrate.follow import sequences
from directfanz.migrate.move import statements
from directfanz.migrate.move.statements import Pending
from directfanz.migrate.move.tasks import Queue
from directfanz.migrate.side import Session, quoted
from directfanz.migrate.work import Work

# Enforced for new rows at once, checked for the old ones afterwards without locking writers out.
_FOREIGN_KEY = re.compile(
    r"\AALTER TABLE ONLY (?P<table>.+)\n    ADD CONSTRAINT (?P<name>.+) FOREIGN KEY (?P<rest>.*);\Z", re.S
)
_UNCHECKED = f"""
SELECT n.nspname, o.relname, k.conname, pg_table_size(o.oid)::bigint FROM pg_constraint k JOIN pg_class o ON o.oid = k.conrelid
JOIN pg_namespace n ON n.oid = o.relnamespace WHERE k.contype = 'f' AND NOT k.convalidated AND {OURS}"""
_TABLES = f"""
SELECT n.nspname, o.relname, o.relkind = 'p', pg_table_size(o.oid)::bigint FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
WHERE o.relkind IN ('r', 'p', 'm') AND o.relpersistence <> 't' AND {OURS}"""
ONLY_VERSION = 180_000  # statistics of a partitioned table alone


def finish(work: Work, built: set[int], analyzed: frozenset[str] | set[str] = frozenset()) -> None:
    progress = work.progress("copy")
    with work.target.session("copy") as target:
        target.execute("SET check_function_bodies = off; SET synchronous_commit = off")
        for one in statements.pending(target, work.store.run):
            if one.number not in built:
                _carry_out(work, target, one)
            progress.told(f"{one.kind} {one.name}", *statements.counted(target, work.store.run))
        refresh_views(work, target)
    _side_by_side(work, analyzed)
    sequences.carry_over(work)


def _carry_out(work: Work, target: Session, one: Pending) -> None:
    found = _FOREIGN_KEY.match(one.text) if one.kind == "FK CONSTRAINT" else None
    if not found or "NOT VALID" in found["rest"] or not _plain(target, found["table"]):
        statements.carry_out(target, work.store.run, work.clock, one)
        return
    statements.carry_out(target, work.store.run, work.clock, one, f"{one.text.removesuffix(';')} NOT VALID;")


def _side_by_side(work: Work, analyzed: frozenset[str] | set[str]) -> None:
    """One table is one task: checking its keys and gathering its statistics would only wait for each other."""
    with work.source.session("copy") as source, work.target.session("copy") as target:
        left_unchecked = {row[:3] for row in source.rows(_UNCHECKED)}
        keys = [row for row in target.rows(_UNCHECKED) if row[:3] not in left_unchecked]
        tables = target.rows(_TABLES)
    todo: dict[str, list[str]] = {}
    weights: dict[str, int] = {}
    for schema, name, key, size in keys:
        table = quoted(schema, name)
        todo.setdefault(table, []).append(f"ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(key)}")
        weights[table] = weights.get(table, 0) + 4 * size
    only = "ONLY " if work.plan.target_version >= ONLY_VERSION else ""
    for schema, name, partitioned, size in tables:
        table = quoted(schema, name)
        if table not in analyzed:
            todo.setdefault(table, []).append(f"ANALYZE {only if partitioned else ''}{table}")
            weights[table] = weights.get(table, 0) + size
    queue = Queue()
    for table, statements_of_it in todo.items():
        queue.add(weights[table], partial(_say, statements_of_it))
    queue.run(work.options.jobs, lambda: work.target.session("copy"))


def _say(many: list[str], target: Session) -> None:
    for statement in many:
        target.execute(statement)


def _plain(target: Session, table: str) -> bool:
    return bool(target.value("SELECT relkind = 'r' FROM pg_class WHERE oid = to_regclass(%s)", (table,)))


def refresh_views(work: Work, target: Session) -> None:
    """In the order of their oids: a view is made after what it looks at."""
    with work.source.session("copy") as source:
        filled = source.rows(
            """SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'm' AND c.relispopulated ORDER BY c.oid"""
        )
    for schema, name in filled:
        target.execute(f"REFRESH MATERIALIZED VIEW {quoted(schema, name)}")
