"""What the schema needs when all rows are there: attached indexes, foreign keys, triggers, views that hold rows, sequences, statistics."""

from __future__ import annotations

import re

from directfanz.migrate.follow import sequences
from directfanz.migrate.move import statements
from directfanz.migrate.move.statements import Pending
from directfanz.migrate.side import Session, quoted
from directfanz.migrate.work import Work

# Enforced for new rows at once, checked for the old ones afterwards without locking writers out.
_FOREIGN_KEY = re.compile(
    r"\AALTER TABLE ONLY (?P<table>.+)\n    ADD CONSTRAINT (?P<name>.+) FOREIGN KEY (?P<rest>.*);\Z", re.S
)


def finish(work: Work, built: set[int]) -> None:
    progress = work.progress("copy")
    with work.target.session("copy") as target:
        target.execute("SET check_function_bodies = off")
        for one in statements.pending(target, work.store.run):
            if one.number not in built:
                _carry_out(work, target, one)
            progress.told(f"{one.kind} {one.name}", *statements.counted(target, work.store.run))
        refresh_views(work, target)
        target.execute("ANALYZE")
    sequences.carry_over(work)


def _carry_out(work: Work, target: Session, one: Pending) -> None:
    found = _FOREIGN_KEY.match(one.text) if one.kind == "FK CONSTRAINT" else None
    if not found or "NOT VALID" in found["rest"] or not _plain(target, found["table"]):
        statements.carry_out(target, work.store.run, work.clock, one)
        return
    table, name = found["table"], found["name"]
    text = f"{one.text.removesuffix(';')} NOT VALID;\nALTER TABLE ONLY {table} VALIDATE CONSTRAINT {name};"
    statements.carry_out(target, work.store.run, work.clock, one, text)


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
