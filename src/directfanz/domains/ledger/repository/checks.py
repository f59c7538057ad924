"""What the invariants ask, in two forms of the same question.

The whole form reads everything: for the doctor, for tests, and once a week. The form `since` what was proven reads what was written after
that, and adds what the accounts came to there: for each night.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer

# ruff: noqa: S608 - all parts of these statements are our own words
A_FEW = 20
_UNTIL = "coalesce((SELECT until FROM ledger_proven), '00000000-0000-0000-0000-000000000000')"
# Transactions that anything was written to: their own rows may be older.
_TOUCHED = f"(SELECT transaction_id FROM ledger_entries WHERE id > {_UNTIL})"
# What may take more from a creator than there is: somebody's money goes back after the creator was paid.
_TAKEN = """CASE WHEN e.account = 'creator_available' AND e.amount < 0 AND t.kind IN ('refund', 'refund_failed', 'dispute_opened',
    'dispute_lost', 'dispute_fee') THEN e.amount ELSE 0 END"""
_ALL = f"""SELECT e.account, e.owner, e.currency, sum(e.amount)::bigint AS amount, sum({_TAKEN})::bigint AS taken_back
    FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id"""
_SUMS = {
    False: f"{_ALL} GROUP BY 1, 2, 3",
    True: f"""SELECT account, owner, currency, sum(amount)::bigint AS amount, sum(taken_back)::bigint AS taken_back
        FROM (TABLE ledger_proven_sums UNION ALL ({_ALL} WHERE e.id > {_UNTIL} GROUP BY 1, 2, 3)) AS parts GROUP BY 1, 2, 3""",
}


async def unbalanced(reader: Reader, *, since: bool) -> Sequence[Row]:
    which = f"WHERE e.transaction_id IN {_TOUCHED}" if since else ""
    return await reader.fetch(
        f"""SELECT t.key, e.currency, sum(e.amount)::bigint FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
            {which} GROUP BY 1, 2 HAVING sum(e.amount) <> 0 LIMIT $1""",
        A_FEW,
    )


async def not_whole(reader: Reader, *, since: bool) -> Sequence[Row]:
    which = f"WHERE t.id > {_UNTIL} OR t.id IN {_TOUCHED}" if since else ""
    return await reader.fetch(
        f"""SELECT t.key, t.entries, count(e.id) FROM ledger_transactions t LEFT JOIN ledger_entries e ON e.transaction_id = t.id
            {which} GROUP BY t.id HAVING count(e.id) <> t.entries LIMIT $1""",
        A_FEW,
    )


async def books(reader: Reader, *, since: bool) -> Sequence[Row]:
    return await reader.fetch(
        f"SELECT currency, sum(amount)::bigint FROM ({_SUMS[since]}) AS s GROUP BY 1 HAVING sum(amount) <> 0"
    )


async def below_zero(reader: Reader, accounts: Sequence[str], *, since: bool) -> Sequence[Row]:
    return await reader.fetch(
        f"SELECT account, owner, currency, amount FROM ({_SUMS[since]}) AS s WHERE account = ANY($1) AND amount < 0 LIMIT $2",
        list(accounts), A_FEW,
    )  # fmt: skip


async def available_below_zero_without_reason(reader: Reader, *, since: bool) -> Sequence[Row]:
    """Less than what refunds and disputes took away explains."""
    return await reader.fetch(
        f"""SELECT owner, currency, amount FROM ({_SUMS[since]}) AS s
            WHERE account = 'creator_available' AND amount < least(0, taken_back) LIMIT $1""",
        A_FEW,
    )


async def unpaid_differs(reader: Reader, *, since: bool) -> Sequence[Row]:
    """The list of what is unpaid, against the accounts."""
    return await reader.fetch(
        f"""WITH book AS (
               SELECT owner, currency, account, amount FROM ({_SUMS[since]}) AS s
                WHERE account IN ('creator_held', 'creator_available')),
           listed AS (
               SELECT owner, currency, CASE WHEN released_at IS NULL THEN 'creator_held' ELSE 'creator_available' END AS account,
                      sum(amount)::bigint AS amount FROM ledger_unpaid GROUP BY 1, 2, 3)
           SELECT account, owner, currency, coalesce(b.amount, 0), coalesce(l.amount, 0)
             FROM book b FULL JOIN listed l USING (owner, currency, account)
            WHERE coalesce(b.amount, 0) <> coalesce(l.amount, 0) LIMIT $1""",
        A_FEW,
    )


async def proven_otherwise(reader: Reader) -> Sequence[Row]:
    """What was remembered of the proven part, against that part as it stands in the book now."""
    return await reader.fetch(
        f"""SELECT account, owner, currency, sum(remembered)::bigint, sum(there)::bigint FROM (
                SELECT account, owner, currency, amount AS remembered, 0 AS there, taken_back AS differs FROM ledger_proven_sums
                UNION ALL SELECT account, owner, currency, 0, amount, -taken_back
                  FROM ({_ALL} WHERE e.id <= {_UNTIL} GROUP BY 1, 2, 3) AS b) AS both_sides
             GROUP BY 1, 2, 3 HAVING sum(remembered) <> sum(there) OR sum(differs) <> 0 LIMIT $1""",
        A_FEW,
    )


async def prove(tx: Writer, until: UUID, at: datetime) -> None:
    """All up to this key was found to hold: its sums are remembered, and the next look begins behind it."""
    await tx.execute(
        f"""INSERT INTO ledger_proven_sums AS old (account, owner, currency, amount, taken_back)
            {_ALL} WHERE e.id > {_UNTIL} AND e.id <= $1 GROUP BY 1, 2, 3
            ON CONFLICT ON CONSTRAINT ledger_proven_sums_key DO UPDATE
            SET amount = old.amount + excluded.amount, taken_back = old.taken_back + excluded.taken_back""",
        until,
    )
    await tx.execute(
        """INSERT INTO ledger_proven AS old (until, at) VALUES ($1, $2)
           ON CONFLICT (one) DO UPDATE SET until = greatest(old.until, excluded.until), at = excluded.at""",
        until, at,
    )  # fmt: skip
