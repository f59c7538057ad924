"""What the invariants ask. Each reads a whole table or index and is for the night, the doctor and tests."""

from __future__ import annotations

from collections.abc import Sequence

from directfanz.backends.database.contract import Reader, Row

A_FEW = 20


async def unbalanced(reader: Reader) -> Sequence[Row]:
    return await reader.fetch(
        """SELECT t.key, e.currency, sum(e.amount)::bigint FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
           GROUP BY 1, 2 HAVING sum(e.amount) <> 0 LIMIT $1""",
        A_FEW,
    )


async def not_whole(reader: Reader) -> Sequence[Row]:
    return await reader.fetch(
        """SELECT t.key, t.entries, count(e.id) FROM ledger_transactions t LEFT JOIN ledger_entries e ON e.transaction_id = t.id
           GROUP BY t.id HAVING count(e.id) <> t.entries LIMIT $1""",
        A_FEW,
    )


async def books(reader: Reader) -> Sequence[Row]:
    return await reader.fetch(
        "SELECT currency, sum(amount)::bigint FROM ledger_entries GROUP BY 1 HAVING sum(amount) <> 0"
    )


async def below_zero(reader: Reader, accounts: Sequence[str]) -> Sequence[Row]:
    return await reader.fetch(
        """SELECT account, owner, currency, sum(amount)::bigint FROM ledger_entries WHERE account = ANY($1)
           GROUP BY 1, 2, 3 HAVING sum(amount) < 0 LIMIT $2""",
        list(accounts), A_FEW,
    )  # fmt: skip


async def available_below_zero_without_reason(reader: Reader, reasons: Sequence[str]) -> Sequence[Row]:
    """Less than what refunds and disputes took away explains."""
    return await reader.fetch(
        """SELECT e.owner, e.currency, sum(e.amount)::bigint FROM ledger_entries e
             JOIN ledger_transactions t ON t.id = e.transaction_id
            WHERE e.account = 'creator_available' GROUP BY 1, 2
           HAVING sum(e.amount) < least(0, coalesce(sum(e.amount) FILTER (WHERE t.kind = ANY($1) AND e.amount < 0), 0))
            LIMIT $2""",
        list(reasons), A_FEW,
    )  # fmt: skip


async def unpaid_differs(reader: Reader) -> Sequence[Row]:
    """The list of what is unpaid, against the accounts."""
    return await reader.fetch(
        """WITH book AS (
               SELECT owner, currency, account, sum(amount)::bigint AS amount FROM ledger_entries
                WHERE account IN ('creator_held', 'creator_available') GROUP BY 1, 2, 3),
           listed AS (
               SELECT owner, currency, CASE WHEN released_at IS NULL THEN 'creator_held' ELSE 'creator_available' END AS account,
                      sum(amount)::bigint AS amount FROM ledger_unpaid GROUP BY 1, 2, 3)
           SELECT account, owner, currency, coalesce(b.amount, 0), coalesce(l.amount, 0)
             FROM book b FULL JOIN listed l USING (owner, currency, account)
            WHERE coalesce(b.amount, 0) <> coalesce(l.amount, 0) LIMIT $1""",
        A_FEW,
    )
