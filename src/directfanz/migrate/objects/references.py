"""Where the database says where an object lies, such as `https://old.example/..`: rewritten, each row remembered, and taken back.

On the side that has the writes; the stream carries it to the other. A row and its line in the ledger change in one transaction, a few
thousand at a time, so an interruption leaves nothing half-said. Taken back is what is still as we wrote it; what somebody changed since
is left to them, and counted.
"""

from __future__ import annotations

import uuid

import msgspec

from directfanz.migrate.catalogue.tables import Table, read_tables
from directfanz.migrate.errors import WrongUse
from directfanz.migrate.side import Session, literal, quoted
from directfanz.migrate.state.tables import SCHEMA

AT_ONCE = 5000
TABLES = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA}.reference (
    run uuid NOT NULL, relation text NOT NULL, field text NOT NULL, key text NOT NULL, before text NOT NULL, after text NOT NULL,
    PRIMARY KEY (run, relation, field, key));
"""
KINDS = ("text", "varchar", "bpchar", "citext", "json", "jsonb", "_text", "_varchar")


class Rewritten(msgspec.Struct, frozen=True):
    relation: str
    field: str
    rows: int
    left: int = 0  # changed by somebody since, so not ours to take back


class Field(msgspec.Struct, frozen=True):
    table: Table
    name: str
    kind: str

    @property
    def plain(self) -> str:
        return quoted(self.name)

    @property
    def key(self) -> str:
        pairs = ", ".join(f"{literal(name)}, {quoted(name)}::text" for name in self.table.key)
        return f"jsonb_build_object({pairs})::text"


def find_field(session: Session, said: str) -> Field:
    """`schema.table.column`, or `table.column` of public."""
    tables = {f"{one.schema}.{one.name}": one for one in read_tables(session)}
    where, _, name = said.rpartition(".")
    table = tables.get(where) or tables.get(f"public.{where}")
    if table is None or name not in [column.name for column in table.columns]:
        raise WrongUse(f"There is no column {said}. Say schema.table.column.")
    kind = str(
        session.value(
            """SELECT coalesce(b.typname, t.typname) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_type b ON b.oid = t.typbasetype WHERE a.attrelid = %s AND a.attname = %s""",
            (table.oid, name),
        )
    )
    if kind not in KINDS:
        raise WrongUse(f"{said} is {kind}: only text, arrays of text and JSON hold references.")
    if not table.key:
        raise WrongUse(f"{table.quoted} has no primary key, so its rows could not be found again to take it back.")
    return Field(table, name, kind)


def rewrite(session: Session, run: uuid.UUID, field: Field, old: str, new: str, *, anywhere: bool = False) -> Rewritten:
    """Values that begin with `old` begin with `new` afterwards; of JSON and arrays each text in them. `anywhere`: within a text too."""
    if not old or old == new:
        raise WrongUse("Say what the references begin with now, and what they are to begin with.")
    session.execute(TABLES)
    condition, fresh = _meaning(field, old, new, anywhere=anywhere)
    rows = 0
    while count := _some(session, run, field, condition, fresh):
        rows += count
    return Rewritten(field.table.quoted, field.name, rows)


def _some(session: Session, run: uuid.UUID, field: Field, condition: str, fresh: str) -> int:
    one = literal(str(run)), literal(field.table.quoted), literal(field.name)
    with session.transaction():
        session.execute("SET LOCAL session_replication_role = origin")
        return session.execute(
            f"""WITH todo AS MATERIALIZED (SELECT ctid AS place, {field.key} AS key, {field.plain}::text AS before
                FROM ONLY {field.table.quoted} t WHERE {condition} AND NOT EXISTS (SELECT FROM {SCHEMA}.reference r WHERE r.run = {one[0]}
                AND r.relation = {one[1]} AND r.field = {one[2]} AND r.key = {field.key}) LIMIT {AT_ONCE} FOR UPDATE),
            changed AS (UPDATE ONLY {field.table.quoted} t SET {field.plain} = {fresh} FROM todo WHERE t.ctid = todo.place
                RETURNING todo.key, todo.before, t.{field.plain}::text AS after)
            INSERT INTO {SCHEMA}.reference (run, relation, field, key, before, after)
            SELECT {", ".join(one)}, key, before, after FROM changed"""
        ).rowcount


def _meaning(field: Field, old: str, new: str, *, anywhere: bool) -> tuple[str, str]:
    """Which rows, and what they become."""
    column, first, second = f"t.{field.plain}", literal(old), literal(new)
    if field.kind in ("json", "jsonb"):
        first, second = (f"trim(both '\"' FROM to_json({one}::text)::text)" for one in (first, second))
        begin = "''" if anywhere else "'\"'"
        return (
            f"position({begin} || {first} IN {column}::text) > 0",
            f"replace({column}::text, {begin} || {first}, {begin} || {second})::{field.kind}",
        )
    if field.kind.startswith("_"):
        each = _text("x", first, second, anywhere=anywhere)
        return (
            f"EXISTS (SELECT FROM unnest({column}) x WHERE {each[0]})",
            f"ARRAY(SELECT {each[1]} FROM unnest({column}) WITH ORDINALITY u(x, at) ORDER BY at)",
        )
    return _text(f"{column}::text", first, second, anywhere=anywhere)


def _text(value: str, old: str, new: str, *, anywhere: bool) -> tuple[str, str]:
    if anywhere:
        return f"position({old} IN {value}) > 0", f"replace({value}, {old}, {new})"
    begins = f"starts_with({value}, {old})"
    return begins, f"CASE WHEN {begins} THEN {new} || substr({value}, length({old}) + 1) ELSE {value} END"


def rewritten(ledger: Session, run: uuid.UUID) -> list[Rewritten]:
    if ledger.value("SELECT to_regclass(%s)", (f"{SCHEMA}.reference",)) is None:
        return []
    rows = ledger.rows(
        f"SELECT relation, field, count(*) FROM {SCHEMA}.reference WHERE run = %s GROUP BY 1, 2 ORDER BY 1, 2", (run,)
    )
    return [Rewritten(*row) for row in rows]


def take_back(session: Session, run: uuid.UUID) -> list[Rewritten]:
    """Every row that is still as we wrote it says again what it said before."""
    tables = {table.quoted: table for table in read_tables(session)}
    return [
        _take_back(session, run, find_field(session, f"{table.schema}.{table.name}.{one.field}"), one.rows)
        for one in rewritten(session, run)
        if (table := tables.get(one.relation)) is not None
    ]


def _take_back(session: Session, run: uuid.UUID, field: Field, noted: int) -> Rewritten:
    where = f"r.run = {literal(str(run))} AND r.relation = {literal(field.table.quoted)} AND r.field = {literal(field.name)}"
    kind = {"_text": "text[]", "_varchar": "text[]"}.get(field.kind, field.kind)
    with session.transaction():
        rows = session.execute(
            f"""UPDATE ONLY {field.table.quoted} t SET {field.plain} = r.before::{kind} FROM {SCHEMA}.reference r
            WHERE {where} AND r.key = {field.key} AND t.{field.plain}::text = r.after"""
        ).rowcount
        session.execute(f"DELETE FROM {SCHEMA}.reference r WHERE {where}")
    return Rewritten(field.table.quoted, field.name, rows, noted - rows)
