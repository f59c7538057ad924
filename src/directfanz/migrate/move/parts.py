"""The ledger of parts: which pages of which table have arrived. A part's line is written in the transaction of its rows."""

from __future__ import annotations

import uuid

import msgspec

from directfanz.migrate.catalogue.tables import Table
from directfanz.migrate.side import Session, literal
from directfanz.migrate.state.tables import SCHEMA


class Part(msgspec.Struct, frozen=True):
    relation: str
    number: int
    first_page: int | None  # None: from the beginning
    end_page: int | None  # None: to the end, however far it grew
    weight: int
    done: bool

    @property
    def condition(self) -> str:
        bounds = []
        if self.first_page is not None:
            bounds.append(f"ctid >= '({self.first_page},0)'")
        if self.end_page is not None:
            bounds.append(f"ctid < '({self.end_page},0)'")
        return " AND ".join(bounds)


class Account(msgspec.Struct, frozen=True):
    """What the whole ledger says."""

    done: int
    total: int
    rows: int
    bytes: int
    parts_left: int


def divided(table: Table, part_bytes: int) -> list[tuple[int | None, int | None, int]]:
    """(first page, end page, weight) of each part; every page is in exactly one, also those that come later."""
    count = max(1, min(table.pages, -(-table.bytes // part_bytes)))
    cuts = [table.pages * number // count for number in range(count + 1)]
    weight = max(table.bytes, 1)
    return [
        (
            cuts[number] if number else None,
            cuts[number + 1] if number < count - 1 else None,
            weight * (number + 1) // count - weight * number // count,
        )
        for number in range(count)
    ]


def lay_out(session: Session, run: uuid.UUID, tables: list[Table], generation: int, part_bytes: int) -> None:
    rows = [
        (run, table.quoted, number, generation, table.filenode, first, end, weight)
        for table in tables
        for number, (first, end, weight) in enumerate(divided(table, part_bytes))
    ]
    with session.cursor() as cursor:
        cursor.executemany(
            f"""INSERT INTO {SCHEMA}.part (run, relation, number, generation, filenode, first_page, end_page, weight)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s)""",
            rows,
        )


def all_parts(session: Session, run: uuid.UUID) -> list[Part]:
    rows = session.rows(
        f"""SELECT relation, number, first_page, end_page, weight, done_at IS NOT NULL FROM {SCHEMA}.part
        WHERE run = %s ORDER BY relation, number""",
        (run,),
    )
    return [Part(*row) for row in rows]


def unfinished(session: Session, run: uuid.UUID) -> list[str]:
    rows = session.rows(
        f"SELECT DISTINCT relation FROM {SCHEMA}.part WHERE run = %s AND done_at IS NULL ORDER BY 1", (run,)
    )
    return [row[0] for row in rows]


def forget(session: Session, run: uuid.UUID, relations: list[str]) -> None:
    session.execute(f"DELETE FROM {SCHEMA}.part WHERE run = %s AND relation = ANY(%s)", (run, relations))


def filenodes(session: Session, run: uuid.UUID) -> dict[str, int]:
    return dict(session.rows(f"SELECT DISTINCT relation, filenode FROM {SCHEMA}.part WHERE run = %s", (run,)))


def arrived(run: uuid.UUID, part: Part, rows: int, size: int) -> str:
    """For the connection that carries the rows: plain SQL, same transaction."""
    return f"""UPDATE {SCHEMA}.part SET rows = {rows}, bytes = {size}, done_at = clock_timestamp()
        WHERE run = {literal(str(run))} AND relation = {literal(part.relation)} AND number = {part.number} AND done_at IS NULL
        RETURNING number"""


def account(session: Session, run: uuid.UUID) -> Account:
    row = session.rows(
        f"""SELECT coalesce(sum(weight) FILTER (WHERE done_at IS NOT NULL), 0)::bigint, coalesce(sum(weight), 0)::bigint,
        coalesce(sum(rows), 0)::bigint, coalesce(sum(bytes), 0)::bigint, count(*) FILTER (WHERE done_at IS NULL)
        FROM {SCHEMA}.part WHERE run = %s""",
        (run,),
    )[0]
    return Account(*row)


def rows_per_table(session: Session, run: uuid.UUID) -> dict[str, int]:
    return dict(
        session.rows(f"SELECT relation, sum(rows)::bigint FROM {SCHEMA}.part WHERE run = %s GROUP BY 1", (run,))
    )
