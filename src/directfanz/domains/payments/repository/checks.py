"""What the invariants ask, of rows from an id on: in the night of those that may still change, for the doctor and tests of all."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row

A_FEW = 20


async def _ask(reader: Reader, sql: str, *since: UUID) -> Sequence[Row]:
    rows: Sequence[Row] = await reader.fetch(sql, A_FEW, *since)
    return rows


async def paid_without_transaction(reader: Reader, since: UUID) -> Sequence[Row]:
    return await _ask(
        reader,
        """SELECT o.id, o.total, o.currency FROM orders o WHERE o.id >= $2 AND o.paid_at IS NOT NULL AND o.total > 0
            AND NOT EXISTS (SELECT FROM ledger_transactions t WHERE t.key = 'order/' || o.id || '/paid') LIMIT $1""",
        since,
    )


async def transaction_without_paid(reader: Reader, since: UUID) -> Sequence[Row]:
    return await _ask(
        reader,
        """SELECT t.key FROM ledger_transactions t LEFT JOIN orders o ON o.id = t.reference
            WHERE t.id >= $2 AND t.kind = 'order_paid' AND (o.id IS NULL OR o.paid_at IS NULL) LIMIT $1""",
        since,
    )


async def paid_with_other_amount(reader: Reader, since: UUID) -> Sequence[Row]:
    return await _ask(
        reader,
        """SELECT o.id, o.total, -e.amount, o.currency FROM orders o
             JOIN ledger_transactions t ON t.reference = o.id AND t.kind = 'order_paid'
             JOIN ledger_entries e ON e.transaction_id = t.id AND e.account = 'provider'
            WHERE o.id >= $2 AND (-e.amount <> o.total OR e.currency <> o.currency) LIMIT $1""",
        since,
    )


async def refunded_otherwise(reader: Reader, since: UUID) -> Sequence[Row]:
    """The order's sum against its refunds and lost disputes."""
    return await _ask(
        reader,
        """SELECT o.id, o.refunded, r.amount, o.currency FROM orders o CROSS JOIN LATERAL (
               SELECT coalesce((SELECT sum(amount) FROM refunds WHERE order_id = o.id AND state <> 'failed'), 0)
                    + coalesce((SELECT sum(amount) FROM disputes WHERE order_id = o.id AND state = 'lost' AND withdrawn), 0) AS amount
           ) r WHERE o.paid_at IS NOT NULL AND o.refunded <> r.amount AND (o.id >= $2 OR o.id IN (
               SELECT order_id FROM refunds WHERE id >= $2 UNION SELECT order_id FROM disputes WHERE id >= $2)) LIMIT $1""",
        since,
    )


async def payouts_otherwise(reader: Reader, since: UUID) -> Sequence[Row]:
    """Each payout is the sum of its entries."""
    return await _ask(
        reader,
        """SELECT p.id, p.amount, coalesce(sum(i.amount), 0)::bigint, p.currency FROM payouts p
             LEFT JOIN payout_items i ON i.payout_id = p.id WHERE p.id >= $2
            GROUP BY p.id HAVING p.amount <> coalesce(sum(i.amount), 0) LIMIT $1""",
        since,
    )


async def paid_and_unpaid(reader: Reader) -> Sequence[Row]:
    """An entry that is in a payout and waits to be paid all the same."""
    return await _ask(
        reader, "SELECT i.entry_id, i.payout_id FROM payout_items i JOIN ledger_unpaid u USING (entry_id) LIMIT $1"
    )


async def numbers_with_gaps(reader: Reader, since: UUID) -> Sequence[Row]:
    return await _ask(
        reader,
        """SELECT n.creator_id, n.year, n.last, count(i.id) FROM invoice_numbers n
             LEFT JOIN invoices i ON i.creator_id = n.creator_id AND i.year = n.year
            WHERE $2 = '00000000-0000-0000-0000-000000000000'::uuid
               OR (n.creator_id, n.year) IN (SELECT creator_id, year FROM invoices WHERE id >= $2)
            GROUP BY n.creator_id, n.year HAVING count(i.id) <> n.last OR coalesce(max(i.number), 0) <> n.last LIMIT $1""",
        since,
    )


async def in_payout_otherwise(reader: Reader) -> Sequence[Row]:
    """What is set aside for payouts is what the drafts say."""
    return await _ask(
        reader,
        """WITH book AS (SELECT owner, currency, sum(amount)::bigint AS amount FROM ledger_entries WHERE account = 'in_payout'
                         GROUP BY 1, 2),
           drafts AS (SELECT creator_id AS owner, currency, sum(amount)::bigint AS amount FROM payouts WHERE state = 'draft'
                      GROUP BY 1, 2)
           SELECT owner, coalesce(b.amount, 0), coalesce(d.amount, 0), currency FROM book b FULL JOIN drafts d USING (owner, currency)
            WHERE coalesce(b.amount, 0) <> coalesce(d.amount, 0) LIMIT $1""",
    )
