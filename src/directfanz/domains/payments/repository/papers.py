"""Invoices and credit notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.payments.models import Issued, Paper

_COLUMNS = "id, creator_id, year, number, kind, order_id, refund_id, issued_at, paper"


async def next_number(tx: Writer, creator_id: UUID, year: int) -> int:
    """Locks the creator's counter until our commit: whoever fails gives the number back, so there is no gap."""
    return int(
        await tx.fetch_value(
            """INSERT INTO invoice_numbers (creator_id, year, last) VALUES ($1, $2, 1)
               ON CONFLICT (creator_id, year) DO UPDATE SET last = invoice_numbers.last + 1 RETURNING last""",
            creator_id, year,
        )
    )  # fmt: skip


async def last_numbers(tx: Writer, wanted: Mapping[UUID, int], year: int) -> dict[UUID, int]:
    """So many numbers for each creator, of which this is the last. In the order of their ids, so that two stretches do not wait for
    each other crosswise."""
    rows = await tx.fetch(
        """INSERT INTO invoice_numbers (creator_id, year, last)
           SELECT c, $3, n FROM unnest($1::uuid[], $2::integer[]) AS w (c, n) ORDER BY c
           ON CONFLICT (creator_id, year) DO UPDATE SET last = invoice_numbers.last + excluded.last RETURNING creator_id, last""",
        list(wanted), list(wanted.values()), year,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def insert_all(tx: Writer, new: Sequence[Issued]) -> None:
    """Invoices."""
    await tx.execute(
        """INSERT INTO invoices (id, creator_id, year, number, kind, order_id, issued_at, paper)
           SELECT id, c, y, n, 'invoice', o, at, p::jsonb
             FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::uuid[], $6::timestamptz[], $7::text[])
                  AS i (id, c, y, n, o, at, p)""",
        [each.id for each in new], [each.creator_id for each in new], [each.year for each in new], [each.number for each in new],
        [each.order_id for each in new], [each.issued_at for each in new],
        [msgspec.json.encode(each.paper).decode() for each in new],
    )  # fmt: skip


async def is_issued(reader: Reader, order_id: UUID, refund_id: UUID | None) -> bool:
    sql = "SELECT EXISTS (SELECT FROM invoices WHERE order_id = $1 AND refund_id IS NOT DISTINCT FROM $2)"
    return bool(await reader.fetch_value(sql, order_id, refund_id))


async def insert(tx: Writer, new: Issued) -> None:
    await tx.execute(
        """INSERT INTO invoices (id, creator_id, year, number, kind, order_id, refund_id, issued_at, paper)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)""",
        new.id, new.creator_id, new.year, new.number, new.kind, new.order_id, new.refund_id, new.issued_at,
        msgspec.json.encode(new.paper).decode(),
    )  # fmt: skip


async def of_order(reader: Reader, order_id: UUID) -> list[Issued]:
    sql = f"SELECT {_COLUMNS} FROM invoices WHERE order_id = $1 ORDER BY issued_at, id"  # noqa: S608
    return [_issued(row) for row in await reader.fetch(sql, order_id)]


async def of_year(reader: Reader, creator_id: UUID, start: datetime, end: datetime) -> list[Issued]:
    sql = f"SELECT {_COLUMNS} FROM invoices WHERE creator_id = $1 AND issued_at >= $2 AND issued_at < $3 ORDER BY year, number"  # noqa: S608
    return [_issued(row) for row in await reader.fetch(sql, creator_id, start, end)]


def _issued(row: Row) -> Issued:
    return Issued(
        id=row[0], creator_id=row[1], year=row[2], number=row[3], kind=row[4], order_id=row[5], refund_id=row[6], issued_at=row[7],
        paper=msgspec.json.decode(row[8], type=Paper),
    )  # fmt: skip
