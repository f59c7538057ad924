from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.payments.models import Dunning
from directfanz.domains.payments.repository.rows import struct_of

_COLUMNS = "id, invoice, membership_id, user_id, creator_id, amount, currency, state, failed_at, tries, next_try_at"


async def insert(tx: Writer, new: Dunning) -> bool:
    """False when this invoice is being dunned, or was, already."""
    return await tx.execute(
        """INSERT INTO dunnings (id, invoice, membership_id, user_id, creator_id, amount, currency, failed_at, next_try_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (invoice) DO NOTHING""",
        new.id, new.invoice, new.membership_id, new.user_id, new.creator_id, new.amount.minor, new.amount.currency, new.failed_at,
        new.next_try_at,
    ) == 1  # fmt: skip


async def by_invoice(tx: Writer, invoice: str) -> Dunning | None:
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM dunnings WHERE invoice = $1 FOR UPDATE", invoice)  # noqa: S608
    return _dunning(row) if row else None


async def due(reader: Reader, now: datetime, most: int) -> list[Dunning]:
    """Index: dunnings_due."""
    sql = f"SELECT {_COLUMNS} FROM dunnings WHERE state = 'open' AND next_try_at <= $1 ORDER BY next_try_at LIMIT $2"  # noqa: S608
    return [_dunning(row) for row in await reader.fetch(sql, now, most)]


async def open_of(reader: Reader, user_id: UUID) -> list[Dunning]:
    """Index: dunnings_user."""
    sql = f"SELECT {_COLUMNS} FROM dunnings WHERE user_id = $1 AND state = 'open' ORDER BY next_try_at"  # noqa: S608
    return [_dunning(row) for row in await reader.fetch(sql, user_id)]


async def tried(
    tx: Writer, dunning: Dunning, at: datetime, outcome: str, reason: str | None, next_try: datetime | None
) -> bool:
    """Counts one try. False when another worker counted the same one."""
    done = await tx.execute(
        """UPDATE dunnings SET tries = tries + 1, next_try_at = $3,
                  state = CASE WHEN $3::timestamptz IS NULL THEN 'given_up' ELSE state END,
                  ended_at = CASE WHEN $3::timestamptz IS NULL THEN $4::timestamptz END
           WHERE id = $1 AND tries = $2 AND state = 'open'""",
        dunning.id, dunning.tries, next_try, at,
    )  # fmt: skip
    if done:
        await tx.execute(
            "INSERT INTO dunning_attempts (dunning_id, number, at, outcome, reason) VALUES ($1, $2, $3, $4, $5)",
            dunning.id, dunning.tries + 1, at, outcome, reason,
        )  # fmt: skip
    return done == 1


async def later(tx: Writer, dunning_id: UUID, next_try: datetime) -> None:
    """The provider was not reached: that was no try."""
    await tx.execute("UPDATE dunnings SET next_try_at = $2 WHERE id = $1 AND state = 'open'", dunning_id, next_try)


async def end(tx: Writer, invoice: str, state: str, at: datetime) -> Dunning | None:
    row = await tx.fetch_row(
        f"""UPDATE dunnings SET state = $2, ended_at = $3, next_try_at = NULL WHERE invoice = $1 AND state = 'open'
            RETURNING {_COLUMNS}""",  # noqa: S608
        invoice, state, at,
    )  # fmt: skip
    return _dunning(row) if row else None


async def recovered_all(tx: Writer, invoices: Sequence[str], at: datetime) -> None:
    await tx.execute(
        """UPDATE dunnings SET state = 'recovered', ended_at = $2, next_try_at = NULL
           WHERE invoice = ANY($1) AND state = 'open'""",
        list(invoices), at,
    )  # fmt: skip


def _dunning(row: Row) -> Dunning:
    return struct_of(Dunning, row, ("amount",))
