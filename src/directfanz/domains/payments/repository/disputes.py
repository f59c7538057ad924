from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.payments.models import Dispute
from directfanz.domains.payments.repository.rows import struct_of

_COLUMNS = (
    "id, order_id, dispute, amount, fee, tax_part, fee_part, withdrawn, currency, reason, state, due_at, evidence, sent_at, "
    "opened_at, closed_at"
)


async def insert(tx: Writer, new: Dispute) -> None:
    await tx.execute(
        """INSERT INTO disputes (id, order_id, dispute, amount, fee, tax_part, fee_part, withdrawn, currency, reason, state, due_at,
                                 opened_at, closed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)""",
        new.id, new.order_id, new.dispute, new.amount.minor, new.fee.minor, new.tax_part.minor, new.fee_part.minor, new.withdrawn,
        new.amount.currency, new.reason, new.state, new.due_at, new.opened_at, new.closed_at,
    )  # fmt: skip


async def find(reader: Reader, dispute_id: UUID) -> Dispute | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM disputes WHERE id = $1", dispute_id)  # noqa: S608
    return _dispute(row) if row else None


async def by_name(reader: Reader, dispute: str) -> Dispute | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM disputes WHERE dispute = $1", dispute)  # noqa: S608
    return _dispute(row) if row else None


async def open_of(reader: Reader, order_id: UUID) -> bool:
    sql = "SELECT EXISTS (SELECT FROM disputes WHERE order_id = $1 AND closed_at IS NULL)"
    return bool(await reader.fetch_value(sql, order_id))


async def of_creator(reader: Reader, creator_id: UUID, limit: int) -> list[Dispute]:
    """What needs an answer first, then the newest. Indexes: orders_to, disputes_order."""
    columns = ", ".join(f"d.{name.strip()}" for name in _COLUMNS.split(","))
    sql = f"""SELECT {columns} FROM disputes d JOIN orders o ON o.id = d.order_id WHERE o.creator_id = $1
              ORDER BY (d.state = 'needs_response') DESC, d.due_at NULLS LAST, d.id DESC LIMIT $2"""  # noqa: S608
    return [_dispute(row) for row in await reader.fetch(sql, creator_id, limit)]


async def update(tx: Writer, now: Dispute) -> None:
    await tx.execute(
        """UPDATE disputes SET state = $2, fee = $3, due_at = $4, closed_at = $5, withdrawn = $6, amount = $7, tax_part = $8,
                  fee_part = $9 WHERE id = $1""",
        now.id, now.state, now.fee.minor, now.due_at, now.closed_at, now.withdrawn, now.amount.minor, now.tax_part.minor,
        now.fee_part.minor,
    )  # fmt: skip


async def keep_evidence(tx: Writer, dispute_id: UUID, evidence: Mapping[str, str], by: UUID, at: datetime) -> bool:
    """Evidence can be sent once."""
    return await tx.execute(
        "UPDATE disputes SET evidence = $2::jsonb, sent_by = $3, sent_at = $4 WHERE id = $1 AND sent_at IS NULL AND closed_at IS NULL",
        dispute_id, msgspec.json.encode(dict(evidence)).decode(), by, at,
    ) == 1  # fmt: skip


async def take_back_evidence(tx: Writer, dispute_id: UUID) -> None:
    """The provider refused it: the person may try again with what they wrote."""
    await tx.execute("UPDATE disputes SET sent_at = NULL, sent_by = NULL WHERE id = $1", dispute_id)


async def due_between(reader: Reader, start: datetime, end: datetime) -> list[Dispute]:
    """Index: disputes_due."""
    sql = f"SELECT {_COLUMNS} FROM disputes WHERE state = 'needs_response' AND due_at > $1 AND due_at <= $2"  # noqa: S608
    return [_dispute(row) for row in await reader.fetch(sql, start, end)]


def _dispute(row: Row) -> Dispute:
    said = msgspec.json.decode(row["evidence"], type=dict[str, str]) if row["evidence"] else None
    return struct_of(Dispute, row, ("amount", "fee", "tax_part", "fee_part"), evidence=said)
