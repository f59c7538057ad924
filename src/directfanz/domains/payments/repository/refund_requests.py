"""What fans ask to have back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.payments.models import RefundRequest

_COLUMNS = "id, order_id, creator_id, user_id, reason, state, asked_at, due_at, answer, answered_by, answered_at, final, refund_id"
A_FEW = 100


async def insert(tx: Writer, new: RefundRequest) -> bool:
    """False when one waits already."""
    return await tx.execute(
        """INSERT INTO refund_requests (id, order_id, creator_id, user_id, reason, state, asked_at, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING""",
        new.id, new.order_id, new.creator_id, new.user_id, new.reason, new.state, new.asked_at, new.due_at,
    ) == 1  # fmt: skip


async def newest_of_order(reader: Reader, order_id: UUID) -> RefundRequest | None:
    """Index: refund_requests_order."""
    return await _one(reader, "WHERE order_id = $1 ORDER BY id DESC LIMIT 1", order_id)


async def lock(tx: Writer, request_id: UUID) -> RefundRequest | None:
    """Of two who answer, one waits here and then finds it answered."""
    return await _one(tx, "WHERE id = $1 FOR UPDATE", request_id)


async def find(reader: Reader, request_id: UUID) -> RefundRequest | None:
    return await _one(reader, "WHERE id = $1", request_id)


async def waiting_of(reader: Reader, creator_id: UUID) -> list[RefundRequest]:
    """With the page or with an operator; the oldest first. Index: refund_requests_of."""
    return await _many(
        reader, "WHERE creator_id = $1 AND state IN ('open', 'escalated') ORDER BY id LIMIT $2", creator_id, A_FEW
    )


async def escalated(reader: Reader) -> list[RefundRequest]:
    """Index: refund_requests_escalated."""
    return await _many(reader, "WHERE state = 'escalated' ORDER BY asked_at LIMIT $1", A_FEW)


async def of_user(reader: Reader, user_id: UUID) -> list[RefundRequest]:
    """The newest first. Index: refund_requests_by."""
    return await _many(reader, "WHERE user_id = $1 ORDER BY id DESC", user_id)


async def take_overdue(tx: Writer, now: datetime, most: int) -> list[RefundRequest]:
    """They are an operator's from here on. Index: refund_requests_due."""
    rows = await tx.fetch(
        f"""UPDATE refund_requests SET state = 'escalated' WHERE id IN (
                SELECT id FROM refund_requests WHERE state = 'open' AND due_at <= $1 ORDER BY due_at LIMIT $2
                FOR UPDATE SKIP LOCKED) RETURNING {_COLUMNS}""",  # noqa: S608
        now, most,
    )  # fmt: skip
    return [_request(row) for row in rows]


async def answer(
    tx: Writer, request_id: UUID, state: str, answer: str, by: UUID | None, at: datetime, *, final: bool
) -> bool:
    return await tx.execute(
        """UPDATE refund_requests SET state = $2, answer = $3, answered_by = $4, answered_at = $5, final = $6
           WHERE id = $1 AND state IN ('open', 'escalated')""",
        request_id, state, answer, by, at, final,
    ) == 1  # fmt: skip


async def approved_by_refund(tx: Writer, order_id: UUID, refund_id: UUID, by: UUID | None, at: datetime) -> None:
    """Money of this order goes back: that is the answer. Index: refund_requests_one."""
    await tx.execute(
        """UPDATE refund_requests SET state = 'approved', refund_id = $2, answered_by = $3, answered_at = $4
           WHERE order_id = $1 AND state IN ('open', 'escalated')""",
        order_id, refund_id, by, at,
    )  # fmt: skip


async def forget_words(tx: Writer, user_id: UUID) -> None:
    await tx.execute("UPDATE refund_requests SET reason = '' WHERE user_id = $1", user_id)


async def _one(reader: Reader, where: str, value: object) -> RefundRequest | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM refund_requests {where}", value)  # noqa: S608
    return _request(row) if row else None


async def _many(reader: Reader, where: str, *values: object) -> list[RefundRequest]:
    return [_request(row) for row in await reader.fetch(f"SELECT {_COLUMNS} FROM refund_requests {where}", *values)]  # noqa: S608


def _request(row: Row) -> RefundRequest:
    return RefundRequest(**dict(row))
