from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.payments.models import Refund, RefundState
from directfanz.domains.payments.repository.rows import struct_of

_COLUMNS = "id, order_id, amount, tax_part, fee_part, currency, reason, asked_by, state, refund, problem, created_at, settled_at"


async def insert(tx: Writer, new: Refund, key: str | None) -> bool:
    """False when it was asked for with this key before."""
    return await tx.execute(
        """INSERT INTO refunds (id, order_id, amount, currency, reason, asked_by, state, refund, key, created_at, tax_part, fee_part)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING""",
        new.id, new.order_id, new.amount.minor, new.amount.currency, new.reason, new.asked_by, new.state, new.refund, key,
        new.created_at, new.tax_part.minor, new.fee_part.minor,
    ) == 1  # fmt: skip


async def find(reader: Reader, refund_id: UUID) -> Refund | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM refunds WHERE id = $1", refund_id)  # noqa: S608
    return _refund(row) if row else None


async def by_key(reader: Reader, order_id: UUID, key: str) -> Refund | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM refunds WHERE order_id = $1 AND key = $2", order_id, key)  # noqa: S608
    return _refund(row) if row else None


async def by_name(reader: Reader, refund: str) -> Refund | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM refunds WHERE refund = $1", refund)  # noqa: S608
    return _refund(row) if row else None


async def of_orders(reader: Reader, orders: Sequence[UUID]) -> list[Refund]:
    sql = f"SELECT {_COLUMNS} FROM refunds WHERE order_id = ANY($1) ORDER BY id"  # noqa: S608
    return [_refund(row) for row in await reader.fetch(sql, list(orders))]


async def waiting(reader: Reader, before: datetime, most: int) -> list[Refund]:
    """Asked for, and the provider's answer is not known. Index: refunds_waiting."""
    sql = f"SELECT {_COLUMNS} FROM refunds WHERE state = 'asked' AND created_at < $1 ORDER BY created_at LIMIT $2"  # noqa: S608
    return [_refund(row) for row in await reader.fetch(sql, before, most)]


async def move(
    tx: Writer, refund_id: UUID, old: Sequence[RefundState], new: RefundState, *, refund: str | None, problem: str | None,
    settled_at: datetime | None,
) -> bool:  # fmt: skip
    return await tx.execute(
        """UPDATE refunds SET state = $3, refund = coalesce($4, refund), problem = $5, settled_at = $6
           WHERE id = $1 AND state = ANY($2)""",
        refund_id, list(old), new, refund, problem, settled_at,
    ) == 1  # fmt: skip


def _refund(row: Row) -> Refund:
    return struct_of(Refund, row, ("amount", "tax_part", "fee_part"))
