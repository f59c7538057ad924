"""The provider's account beside our book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from directfanz.backends.billing.contract import BalanceMove
from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.payments.models import Difference, Reconciliation

A_FEW = 100


async def keep(tx: Writer, moves: Sequence[BalanceMove]) -> None:
    await tx.execute(
        """INSERT INTO provider_moves (id, kind, source, amount, fee, net, currency, created_at)
           SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
                                $8::timestamptz[])
           ON CONFLICT (id) DO NOTHING""",
        [each.id for each in moves], [each.kind for each in moves], [each.source for each in moves],
        [each.amount.minor for each in moves], [each.fee.minor for each in moves], [each.net.minor for each in moves],
        [each.net.currency for each in moves], [each.created_at for each in moves],
    )  # fmt: skip


# What each line of theirs is of ours: by the charge, the refund, the dispute, the transfer. A dispute takes first and may give back; so
# does a refund. The line of a transfer taken back names nothing that we were told, so it is found by its amount.
_MATCH = """
WITH alone AS (SELECT * FROM provider_moves WHERE ledger_key IS NULL),
found AS (
    SELECT m.id, 'order/' || o.id || '/paid' AS key FROM alone m JOIN orders o ON o.charge = m.source
     WHERE m.net > 0 AND m.kind IN ('charge', 'payment')
    UNION ALL
    SELECT m.id, 'refund/' || r.id || CASE WHEN m.net < 0 THEN '/sent' ELSE '/back' END
      FROM alone m JOIN refunds r ON r.refund = m.source
    UNION ALL
    SELECT m.id, 'dispute/' || d.id || CASE WHEN m.net < 0 THEN '/opened' ELSE '/won' END
      FROM alone m JOIN disputes d ON d.dispute = m.source
    UNION ALL
    SELECT m.id, 'payout/' || p.id || '/transferred' FROM alone m JOIN payouts p ON p.transfer = m.source WHERE m.kind = 'transfer'
    UNION ALL
    SELECT m.id, 'payout/' || p.id || '/returned'
      FROM alone m JOIN payouts p ON p.state = 'returned' AND p.amount = m.net AND p.currency = m.currency
     WHERE m.kind IN ('transfer_refund', 'transfer_cancel', 'transfer_failure')
    UNION ALL
    SELECT m.id, 'move/' || m.id FROM alone m
),
free AS (
    SELECT DISTINCT ON (f.key) f.id, f.key FROM found f JOIN ledger_transactions t ON t.key = f.key
     WHERE NOT EXISTS (SELECT FROM provider_moves taken WHERE taken.ledger_key = f.key) ORDER BY f.key, f.id
),
fits AS (SELECT DISTINCT ON (id) id, key FROM free ORDER BY id, key)
UPDATE provider_moves m SET ledger_key = fits.key FROM fits WHERE m.id = fits.id"""


async def match(tx: Writer) -> None:
    """Until nothing more fits: of several that look alike each takes one at a time."""
    while await tx.execute(_MATCH):
        pass


async def alone(reader: Reader, until: datetime, kinds: Sequence[str] | None = None) -> Sequence[Row]:
    """Lines of theirs that stand for nothing of ours. Index: provider_moves_alone."""
    rows: Sequence[Row] = await reader.fetch(
        """SELECT id, kind, source, net, currency, created_at FROM provider_moves
           WHERE ledger_key IS NULL AND created_at < $1 AND ($2::text[] IS NULL OR kind = ANY($2)) ORDER BY created_at LIMIT $3""",
        until, list(kinds) if kinds is not None else None, A_FEW,
    )  # fmt: skip
    return rows


async def other_amounts(reader: Reader, since: datetime) -> Sequence[Row]:
    """Matched, but not to the cent. What the provider holds for us falls when these two accounts rise."""
    rows: Sequence[Row] = await reader.fetch(
        """SELECT m.id, m.ledger_key, m.net, -sum(e.amount)::bigint AS ours, m.currency FROM provider_moves m
             JOIN ledger_transactions t ON t.key = m.ledger_key
             LEFT JOIN ledger_entries e ON e.transaction_id = t.id AND e.account IN ('provider', 'provider_fees')
                                       AND e.currency = m.currency
            WHERE m.created_at >= $1 GROUP BY m.id HAVING m.net <> coalesce(-sum(e.amount), 0) LIMIT $2""",
        since, A_FEW,
    )  # fmt: skip
    return rows


async def without_move(reader: Reader, since: datetime, until: datetime) -> Sequence[Row]:
    """What our book says moved at the provider, and the provider does not. Index: ledger_transactions_at."""
    rows: Sequence[Row] = await reader.fetch(
        """SELECT t.key, -sum(e.amount)::bigint, e.currency FROM ledger_transactions t
             JOIN ledger_entries e ON e.transaction_id = t.id AND e.account IN ('provider', 'provider_fees')
            WHERE t.at >= $1 AND t.at < $2 AND NOT EXISTS (SELECT FROM provider_moves m WHERE m.ledger_key = t.key)
            GROUP BY t.key, e.currency LIMIT $3""",
        since, until, A_FEW,
    )  # fmt: skip
    return rows


async def insert(tx: Writer, done: Reconciliation) -> None:
    await tx.execute(
        """INSERT INTO reconciliations (id, at, since, until, moves, differences, balances)
           VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb)""",
        done.id, done.at, done.since, done.until, done.moves, msgspec.json.encode(done.differences).decode(),
        msgspec.json.encode(done.balances).decode(),
    )  # fmt: skip


async def newest(reader: Reader, limit: int) -> list[Reconciliation]:
    rows = await reader.fetch(
        "SELECT id, at, since, until, moves, differences, balances FROM reconciliations ORDER BY id DESC LIMIT $1",
        limit,
    )
    return [
        Reconciliation(
            id=row[0], at=row[1], since=row[2], until=row[3], moves=row[4],
            differences=msgspec.json.decode(row[5], type=list[Difference]),
            balances=msgspec.json.decode(row[6], type=list[Difference]),
        )
        for row in rows
    ]  # fmt: skip
