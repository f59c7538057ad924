from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.ledger.models import AccountName, Hold, Transaction, Unpaid, Written
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

_LAST = UUID(int=2**128 - 1)
_WRITTEN = """SELECT e.id, e.transaction_id, t.key, t.kind, t.reference, t.at, e.account, e.owner, e.amount, e.currency,
                     e.release_at
              FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id"""
# Two statements, because the trigger on the entries looks at their transactions. A release's own entries are in no list of what is
# unpaid: the entries that it releases are there already.
_TRANSACTIONS = """
INSERT INTO ledger_transactions (id, key, kind, reference, at, entries)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[], $6::smallint[])
ON CONFLICT (key) DO NOTHING RETURNING id"""
_ENTRIES = """
WITH written AS (
    INSERT INTO ledger_entries (id, transaction_id, account, owner, amount, currency, release_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::bigint[], $6::text[], $7::timestamptz[])
    RETURNING id, transaction_id, account, owner, amount, currency, release_at
)
INSERT INTO ledger_unpaid (entry_id, owner, currency, amount, release_at, released_at)
SELECT w.id, w.owner, w.currency, w.amount, w.release_at, CASE WHEN w.release_at IS NULL THEN t.at END
  FROM written w JOIN ledger_transactions t ON t.id = w.transaction_id
 WHERE w.account IN ('creator_held', 'creator_available') AND t.kind NOT IN ('released', 'payout')"""


async def insert(tx: Writer, transactions: Sequence[Transaction]) -> int:
    if not transactions:
        return 0
    ids = {new_id(): each for each in transactions}
    new = await tx.fetch(
        _TRANSACTIONS, list(ids), [each.key for each in transactions], [each.kind for each in transactions],
        [each.reference for each in transactions], [each.at for each in transactions],
        [len(each.entries) for each in transactions],
    )  # fmt: skip
    rows = [(row[0], entry) for row in new for entry in ids[row[0]].entries]
    if rows:
        await tx.execute(
            _ENTRIES, [new_id() for _ in rows], [transaction for transaction, _ in rows],
            [entry.account.kind for _, entry in rows], [entry.account.owner for _, entry in rows],
            [entry.amount.minor for _, entry in rows], [entry.amount.currency for _, entry in rows],
            [entry.release_at for _, entry in rows],
        )  # fmt: skip
    return len(new)


async def is_posted(reader: Reader, key: str) -> bool:
    return bool(await reader.fetch_value("SELECT EXISTS (SELECT FROM ledger_transactions WHERE key = $1)", key))


async def sum_of(reader: Reader, account: AccountName, currency: str) -> int:
    """Index: ledger_entries_of_account, which holds the amounts."""
    which = "owner IS NULL AND $2::uuid IS NULL" if account.owner is None else "owner = $2"
    sql = (
        f"SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries WHERE account = $1 AND {which} AND currency = $3"  # noqa: S608
    )
    return int(await reader.fetch_value(sql, account.kind, account.owner, currency))


async def totals(reader: Reader) -> dict[tuple[str, str], int]:
    """Reads the whole index ledger_entries_of_account: for reconciliation and operators."""
    rows = await reader.fetch("SELECT account, currency, sum(amount)::bigint FROM ledger_entries GROUP BY 1, 2")
    return {(row[0], row[1]): row[2] for row in rows}


async def sums_of_owner(reader: Reader, owner: UUID) -> dict[tuple[str, str], int]:
    """Index: ledger_entries_of_account."""
    rows = await reader.fetch(
        """SELECT account, currency, sum(amount)::bigint FROM ledger_entries
           WHERE account = ANY($2) AND owner = $1 GROUP BY 1, 2""",
        owner, ["creator_held", "creator_available", "creator_reserve", "in_payout"],
    )  # fmt: skip
    return {(row[0], row[1]): row[2] for row in rows}


async def entries_of(reader: Reader, owner: UUID, before: UUID | None, limit: int) -> list[Written]:
    """Index: ledger_entries_newest_of."""
    sql = f"{_WRITTEN} WHERE e.owner = $1 AND e.id < $2 ORDER BY e.id DESC LIMIT $3"
    return [_written(row) for row in await reader.fetch(sql, owner, before or _LAST, limit)]


async def entries_about(reader: Reader, references: Sequence[UUID]) -> list[Written]:
    """Index: ledger_transactions_about."""
    rows = await reader.fetch(f"{_WRITTEN} WHERE t.reference = ANY($1) ORDER BY e.id", list(references))
    return [_written(row) for row in rows]


async def hold_of(tx: Writer, reference: UUID, owner: UUID) -> Hold | None:
    """Locks the rows of the list, so that whoever releases them passes them over. Index: ledger_transactions_about."""
    rows = await tx.fetch(
        """SELECT u.release_at, u.amount, u.currency FROM ledger_unpaid u
             JOIN ledger_entries e ON e.id = u.entry_id JOIN ledger_transactions t ON t.id = e.transaction_id
            WHERE t.reference = $1 AND u.owner = $2 AND u.released_at IS NULL FOR UPDATE OF u""",
        reference, owner,
    )  # fmt: skip
    if not rows:
        return None
    return Hold(max(row[0] for row in rows), Money(sum(row[1] for row in rows), rows[0][2]))


async def take_due(tx: Writer, now: datetime, most: int) -> list[tuple[UUID, str, int]]:
    """Index: ledger_unpaid_due. What somebody else holds at this moment is left for the next time."""
    rows = await tx.fetch(
        """UPDATE ledger_unpaid SET released_at = $1 WHERE entry_id IN (
               SELECT entry_id FROM ledger_unpaid
                WHERE released_at IS NULL AND release_at IS NOT NULL AND release_at <= $1
                ORDER BY release_at LIMIT $2 FOR UPDATE SKIP LOCKED)
           RETURNING owner, currency, amount""",
        now, most,
    )  # fmt: skip
    return [(row[0], row[1], row[2]) for row in rows]


async def due_next(reader: Reader, owner: UUID, limit: int) -> list[tuple[datetime, Money]]:
    """Index: ledger_unpaid_of."""
    rows = await reader.fetch(
        """SELECT date_trunc('day', release_at, 'UTC') AS day, currency, sum(amount)::bigint FROM ledger_unpaid
           WHERE owner = $1 AND released_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $2""",
        owner, limit,
    )  # fmt: skip
    return [(row[0], Money(row[2], row[1])) for row in rows]


async def payable(reader: Reader) -> list[tuple[UUID, Money]]:
    rows = await reader.fetch(
        """SELECT owner, currency, sum(amount)::bigint FROM ledger_unpaid WHERE released_at IS NOT NULL
           GROUP BY 1, 2 HAVING sum(amount) > 0 ORDER BY 1, 2"""
    )
    return [(row[0], Money(row[2], row[1])) for row in rows]


async def take_available(tx: Writer, owner: UUID, currency: str) -> list[Unpaid]:
    rows = await tx.fetch(
        """DELETE FROM ledger_unpaid WHERE owner = $1 AND currency = $2 AND released_at IS NOT NULL
           RETURNING entry_id, amount, release_at""",
        owner, currency,
    )  # fmt: skip
    return [Unpaid(row[0], Money(row[1], currency), row[2]) for row in rows]


def _written(row: Row) -> Written:
    return Written(
        id=row[0], transaction_id=row[1], key=row[2], kind=row[3], reference=row[4], at=row[5], account=row[6], owner=row[7],
        amount=Money(row[8], row[9]), release_at=row[10],
    )  # fmt: skip
