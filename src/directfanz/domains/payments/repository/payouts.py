from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.ledger.models import Unpaid
from directfanz.domains.payments.models import Payout, PayoutState
from directfanz.domains.payments.repository.rows import struct_of

_COLUMNS = """id, creator_id, account, amount, currency, state, transfer, payout, failure, first_tried_at, created_at, arrives_at,
    ended_at"""
_LAST = UUID(int=2**128 - 1)


async def insert(tx: Writer, new: Payout, items: Sequence[Unpaid]) -> None:
    await tx.execute(
        "INSERT INTO payouts (id, creator_id, account, amount, currency, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        new.id, new.creator_id, new.account, new.amount.minor, new.amount.currency, new.created_at,
    )  # fmt: skip
    await tx.execute(
        "INSERT INTO payout_items (payout_id, entry_id, amount) SELECT $1, * FROM unnest($2::uuid[], $3::bigint[])",
        new.id, [each.entry_id for each in items], [each.amount.minor for each in items],
    )  # fmt: skip


async def find(reader: Reader, payout_id: UUID) -> Payout | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM payouts WHERE id = $1", payout_id)  # noqa: S608
    return _payout(row) if row else None


async def by_name(reader: Reader, payout: str) -> Payout | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM payouts WHERE payout = $1", payout)  # noqa: S608
    return _payout(row) if row else None


async def under_way(reader: Reader, most: int) -> list[Payout]:
    """Index: payouts_under_way."""
    sql = f"SELECT {_COLUMNS} FROM payouts WHERE state IN ('draft', 'transferred', 'failed') ORDER BY id LIMIT $1"  # noqa: S608
    return [_payout(row) for row in await reader.fetch(sql, most)]


async def accounts_overdue(reader: Reader, before: datetime) -> list[str]:
    """Of creators whose money should have reached the bank by then, and nobody said so. Index: payouts_told."""
    rows = await reader.fetch(
        "SELECT DISTINCT account FROM payouts WHERE state IN ('transferred', 'submitted') AND coalesce(arrives_at, created_at) < $1",
        before,
    )
    return [row[0] for row in rows]


async def accounts_told(reader: Reader, since: datetime) -> list[str]:
    """Of creators about whose money the provider may have something to tell: also that a bank sent it back. Index: payouts_told."""
    rows = await reader.fetch(
        """SELECT DISTINCT account FROM payouts
           WHERE state IN ('transferred', 'submitted') OR (state IN ('paid', 'failed') AND ended_at >= $1)""",
        since,
    )
    return [row[0] for row in rows]


async def of_creator(reader: Reader, creator_id: UUID, before: UUID | None, limit: int) -> list[Payout]:
    """Index: payouts_of."""
    sql = f"SELECT {_COLUMNS} FROM payouts WHERE creator_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"  # noqa: S608
    return [_payout(row) for row in await reader.fetch(sql, creator_id, before or _LAST, limit)]


async def tried(tx: Writer, payout_id: UUID, now: datetime) -> datetime:
    """When it was tried first: a key at the provider does not live for ever."""
    first: datetime = await tx.fetch_value(
        "UPDATE payouts SET first_tried_at = coalesce(first_tried_at, $2) WHERE id = $1 RETURNING first_tried_at",
        payout_id,
        now,
    )
    return first


async def begin_again(tx: Writer, payout_id: UUID) -> None:
    await tx.execute(
        "UPDATE payouts SET first_tried_at = NULL WHERE id = $1 AND state IN ('draft', 'transferred')", payout_id
    )


async def move(
    tx: Writer, payout_id: UUID, old: PayoutState, new: PayoutState, *, transfer: str | None = None, payout: str | None = None,
    failure: str | None = None, arrives_at: datetime | None = None, ended_at: datetime | None = None,
) -> bool:  # fmt: skip
    return await tx.execute(
        """UPDATE payouts SET state = $3, transfer = coalesce(transfer, $4), payout = coalesce(payout, $5),
                  failure = coalesce($6, failure), arrives_at = coalesce($7, arrives_at), ended_at = $8,
                  first_tried_at = CASE WHEN $3 = 'transferred' THEN NULL ELSE first_tried_at END
           WHERE id = $1 AND state = $2""",
        payout_id, old, new, transfer, payout, failure, arrives_at, ended_at,
    ) == 1  # fmt: skip


async def items_of(reader: Reader, payout_id: UUID) -> Sequence[Row]:
    """Down to orders: each entry with its transaction, and the order that the transaction stands for."""
    rows: Sequence[Row] = await reader.fetch(
        """SELECT t.kind AS transaction_kind, t.at, i.amount, e.currency, e.release_at, o.id AS order_id, o.kind AS order_kind, o.title,
                  o.total, o.tax, o.fee, o.provider_fee
             FROM payout_items i JOIN ledger_entries e ON e.id = i.entry_id JOIN ledger_transactions t ON t.id = e.transaction_id
             LEFT JOIN orders o ON o.id = t.reference
            WHERE i.payout_id = $1 ORDER BY t.at, e.id""",
        payout_id,
    )
    return rows


async def paid_in_year(reader: Reader, creator_id: UUID, start: datetime, end: datetime) -> Sequence[Row]:
    rows: Sequence[Row] = await reader.fetch(
        """SELECT currency, count(*), sum(amount)::bigint FROM payouts
           WHERE creator_id = $1 AND state = 'paid' AND ended_at >= $2 AND ended_at < $3 GROUP BY 1 ORDER BY 1""",
        creator_id, start, end,
    )  # fmt: skip
    return rows


def _payout(row: Row) -> Payout:
    return struct_of(Payout, row, ("amount",))
