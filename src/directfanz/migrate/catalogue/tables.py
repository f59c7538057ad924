"""Tables as the mover sees them: which columns go over the wire, in which format, and how a row is hashed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from directfanz.migrate.catalogue.own import OURS
from directfanz.migrate.side import Session, quoted

FIRST_USER_OID = 16_384
# Their binary form is a number of an object, which is another number in the other database.
OBJECT_NUMBERS = ("regclass", "regproc", "regprocedure", "regoper", "regoperator", "regtype", "regrole", "regnamespace",
                  "regconfig", "regdictionary", "regcollation")  # fmt: skip

QUICK = {
    "int2": "hashint8extended({}, 1)", "int4": "hashint8extended({}, 1)", "int8": "hashint8extended({}, 1)",
    "uuid": "uuid_hash_extended({}, 1)", "text": 'hashtextextended({} COLLATE "C", 1)',
}  # fmt: skip


# Types whose own hash minds every bit, and how it is asked. The hash of eight bytes folds them into four: the upper half is hashed too.
EXACT = {
    **dict.fromkeys(("bool", "int2", "int4", "oid", "date", "uuid", "bytea", "char"), ("{}",)),
    **dict.fromkeys(("text", "varchar"), ('{} COLLATE "C"',)),
    "int8": ("{}", "{} >> 32"),
}
MOST_IN_A_ROW = 1600  # expressions that PostgreSQL takes in one


class Column(msgspec.Struct, frozen=True):
    name: str
    generated: bool
    binary: bool  # its binary form means the same on the other side
    hashed: str  # an expression whose binary form is the same on both sides
    quick: str = ""  # the type's own hash, which is enough to choose a bucket and costs a fifth
    parts: tuple[str, ...] = ()  # values whose hashes together mind every bit of it


class Table(msgspec.Struct, frozen=True, kw_only=True):
    schema: str
    name: str
    oid: int
    filenode: int
    pages: int
    bytes: int
    rows: int
    logged: bool
    identity: str  # d, n, f, i as in pg_class.relreplident
    key: tuple[str, ...]  # of the primary key; else empty
    columns: tuple[Column, ...]
    incomparable: tuple[str, ...]  # columns that no server can compare, which matters to tables without a key

    @property
    def quoted(self) -> str:
        return quoted(self.schema, self.name)

    @property
    def moved(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.generated)

    @property
    def binary(self) -> bool:
        return all(column.binary for column in self.moved)

    @property
    def column_list(self) -> str:
        return ", ".join(quoted(column.name) for column in self.moved)

    @property
    def row_hash(self) -> str:
        return _hash(self.columns, seed=0)

    @property
    def strong_hash(self) -> str:
        """256 bits that nobody can aim at, for who must answer to more than chance. Three times the cost."""
        return f"sha256(record_send(ROW({', '.join(column.hashed for column in self.columns)})))"

    @property
    def bucket(self) -> str:
        """Of the key, so that a difference is near its row; without a key each row is its own."""
        if not self.key:
            return f"({self.row_hash} & 1023)"
        named = {column.name: column for column in self.columns}
        if len(self.key) == 1 and (quick := named[self.key[0]].quick):
            return f"({quick} & 1023)"
        return f"({_hash([named[name] for name in self.key], seed=1)} & 1023)"

    @property
    def key_text(self) -> str:
        names = self.key or tuple(column.name for column in self.columns)
        return f"jsonb_build_object({', '.join(f'{_text(name)}, {quoted(name)}::text' for name in names[:40])})::text"


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _hash(columns: Sequence[Column], seed: int) -> str:
    """A record's hash is a sum of its fields' hashes, so two rows that swap a value would add up alike: it is mixed once more."""
    parts = [part for column in columns for part in column.parts]
    if len(parts) > MOST_IN_A_ROW:
        parts = [f"record_send(ROW({', '.join(column.hashed for column in columns)}))"]
    return f"hashint4extended({seed}, hash_record_extended(ROW({', '.join(parts)}), {seed}))"


_TABLES = f"""
SELECT n.nspname, c.relname, c.oid::bigint, coalesce(pg_relation_filenode(c.oid), 0)::bigint,
  (pg_relation_size(c.oid) / current_setting('block_size')::int)::bigint, pg_table_size(c.oid)::bigint,
  greatest(c.reltuples, 0)::bigint, c.relpersistence <> 'u', c.relreplident,
  coalesce((SELECT array_agg(a.attname::text ORDER BY k.at) FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(number, at)
    JOIN pg_attribute a ON a.attnum = k.number
    WHERE i.indrelid = c.oid AND i.indisprimary AND k.at <= i.indnkeyatts AND a.attrelid = c.oid),
    '{{}}')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND {OURS}
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
ORDER BY 1, 2"""

# A domain is what it stands for; an array is as binary as what is in it.
_COLUMNS = f"""
WITH RECURSIVE base(type, oid, depth) AS (
  SELECT t.oid, t.oid, 0 FROM pg_type t
  UNION ALL SELECT b.type, t.typbasetype, b.depth + 1 FROM base b JOIN pg_type t ON t.oid = b.oid WHERE t.typtype = 'd'),
root AS (SELECT DISTINCT ON (type) type, oid FROM base ORDER BY type, depth DESC)
SELECT c.attrelid::bigint, c.attname, c.attgenerated <> '', t.oid::bigint, t.typtype, t.typname, t.typelem::bigint, t.typcategory = 'A',
  e.typname, format('%I.%I', s.nspname, p.proname), d.typtype = 'd', format('%I.%I', b.nspname, t.typname),
  NOT EXISTS (SELECT FROM pg_opclass k WHERE k.opcintype = t.oid AND k.opcdefault AND k.opcmethod IN (403, 405))
  AND t.typtype = 'b' AND t.typcategory <> 'A' AND t.typname NOT IN ('varchar')
FROM pg_attribute c JOIN root r ON r.type = c.atttypid JOIN pg_type t ON t.oid = r.oid JOIN pg_type d ON d.oid = c.atttypid
JOIN pg_namespace b ON b.oid = t.typnamespace LEFT JOIN pg_type e ON e.oid = t.typelem
LEFT JOIN pg_proc p ON p.oid = t.typsend LEFT JOIN pg_namespace s ON s.oid = p.pronamespace
JOIN pg_class o ON o.oid = c.attrelid JOIN pg_namespace n ON n.oid = o.relnamespace
WHERE c.attnum > 0 AND NOT c.attisdropped AND o.relkind = 'r' AND {OURS}
ORDER BY c.attrelid, c.attnum"""


def read_tables(session: Session) -> list[Table]:
    columns: dict[int, list[Column]] = {}
    odd: dict[int, list[str]] = {}
    for relation, name, generated, *kind, incomparable in session.rows(_COLUMNS):
        columns.setdefault(relation, []).append(_column(name, generated, *kind))
        if incomparable:
            odd.setdefault(relation, []).append(name)
    return [
        Table(
            schema=schema,
            name=name,
            oid=oid,
            filenode=filenode,
            pages=pages,
            bytes=size,
            rows=rows,
            logged=logged,
            identity=identity,
            key=tuple(key),
            columns=tuple(columns.get(oid, ())),
            incomparable=tuple(odd.get(oid, ())),
        )
        for schema, name, oid, filenode, pages, size, rows, logged, identity, key in session.rows(_TABLES)
    ]


def _column(
    name: str,
    generated: bool,
    oid: int,
    kind: str,
    type_name: str,
    element: int,
    is_array: bool,
    element_name: str | None,
    send: str | None,
    domain: bool,
    written: str,
) -> Column:
    plain, builtin = quoted(name), oid < FIRST_USER_OID
    value = f"{plain}::{written}" if domain else plain
    numbers = type_name in OBJECT_NUMBERS or (is_array and element_name in OBJECT_NUMBERS)
    if send is None or numbers or kind == "c" or (is_array and element >= FIRST_USER_OID):
        return _as_text(name, generated, plain, binary=False)
    if builtin:
        quick = QUICK.get(type_name, "").format(plain) if not domain else ""
        parts = tuple(one.format(value) for one in EXACT.get(type_name, (f"{send}({{}})",)))
        return Column(name, generated, True, value, quick, parts)
    if kind == "e":
        return _as_text(name, generated, plain, binary=True)
    if kind in ("r", "m"):
        return _as_text(name, generated, plain, binary=False)
    sent = f"{send}({value})"
    return Column(name, generated, True, sent, parts=(sent,))


def _as_text(name: str, generated: bool, plain: str, *, binary: bool) -> Column:
    text = f"{plain}::text"
    return Column(name, generated, binary, text, parts=(f'{text} COLLATE "C"',))
