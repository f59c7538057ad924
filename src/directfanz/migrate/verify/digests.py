"""The sum of what is in a table, in 1024 buckets.

A row's hash is of its exact binary form. Sums do not mind the order, so each side scans as it likes and no index or collation matters;
equal rows are counted, not cancelled. A bucket that differs says where to look.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from directfanz.migrate.catalogue.tables import Table
from directfanz.migrate.side import Session

Buckets = dict[int, tuple[Any, ...]]


def buckets_question(table: Table) -> str:
    """Of a table without a key the bucket is in the row's hash, which is not made twice."""
    chosen, bucket = ("", "(h & 1023)::int") if not table.key else (f"{table.bucket} AS b, ", "b")
    return f"""SELECT {bucket}, count(*), sum(h >> 32)::text, sum(h & 4294967295)::text FROM (
        SELECT {chosen}{table.row_hash} AS h FROM ONLY {table.quoted} OFFSET 0) x GROUP BY 1"""


def strong_buckets_question(table: Table) -> str:
    """Sums of all 256 bits in four pieces: as little in need of an order, and a collision would have to be found in all of them."""
    pieces = ", ".join(f"sum(('x' || substr(h, {at}, 16))::bit(64)::bigint::numeric)::text" for at in (1, 17, 33, 49))
    return f"""SELECT b, count(*), {pieces} FROM (
        SELECT {table.bucket} AS b, encode({table.strong_hash}, 'hex') AS h FROM ONLY {table.quoted} OFFSET 0) x GROUP BY b"""


def rows_question(table: Table) -> str:
    return f"""SELECT {table.key_text}, {table.row_hash} FROM ONLY {table.quoted} WHERE {table.bucket} = ANY(%s)"""


def read_buckets(session: Session, table: Table, *, strong: bool = False) -> Buckets:
    question = strong_buckets_question(table) if strong else buckets_question(table)
    return {bucket: tuple(sums) for bucket, *sums in session.rows(question)}


def differing(source: Buckets, target: Buckets) -> list[int]:
    return sorted(bucket for bucket in source.keys() | target.keys() if source.get(bucket) != target.get(bucket))


def counted(buckets: Buckets) -> int:
    return sum(int(sums[0]) for sums in buckets.values())


class RowDifference(msgspec.Struct, frozen=True):
    """`what` is missing, extra or changed, as the target has it."""

    table: str
    key: str
    what: str


class Rows(msgspec.Struct, frozen=True):
    """What is only here and only there, by the hash of the row, with the number of equal ones."""

    missing: dict[int, int]
    extra: dict[int, int]
    named: list[RowDifference]


def read_rows(source: Session, target: Session, table: Table, buckets: list[int]) -> Rows:
    here, there = (
        Counter((key, value) for key, value in side.rows(rows_question(table), (buckets,))) for side in (source, target)
    )
    missing, extra = here - there, there - here
    keys_missing, keys_extra = {key for key, _ in missing}, {key for key, _ in extra}
    named = [
        RowDifference(table.quoted, key, "changed" if key in keys_missing and key in keys_extra else what)
        for keys, what in ((keys_missing, "missing"), (keys_extra - keys_missing, "extra"))
        for key in sorted(keys)
    ]
    return Rows(_by_hash(missing), _by_hash(extra), named)


def _by_hash(rows: Counter[tuple[str, int]]) -> dict[int, int]:
    found: Counter[int] = Counter()
    for (_, value), count in rows.items():
        found[value] += count
    return dict(found)
