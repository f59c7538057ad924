"""`email_requests`: what was asked for that a mail answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.models import LINK_LIVES, Purpose


class EmailRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`user_id` is None where only the address was given; whether somebody has it is looked up when the mail is written."""

    id: UUID
    purpose: Purpose
    user_id: UUID | None
    email: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


_COLUMNS = "id, purpose, user_id, email, created_at, expires_at, used_at"


async def insert_request(
    tx: Writer, request_id: UUID, purpose: Purpose, email: str, user_id: UUID | None, now: datetime
) -> None:
    await tx.execute(
        """INSERT INTO email_requests (id, purpose, user_id, email, created_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        request_id, purpose, user_id, email, now, now + LINK_LIVES[purpose],
    )  # fmt: skip


async def find_request(tx: Reader, request_id: UUID) -> EmailRequest | None:
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM email_requests WHERE id = $1", request_id)  # noqa: S608
    return msgspec.convert(dict(row), EmailRequest) if row else None


async def use_request(tx: Writer, request_id: UUID, purposes: Sequence[Purpose], now: datetime) -> EmailRequest | None:
    """Once: the second of two that come together waits for the first, then finds it used."""
    row = await tx.fetch_row(
        f"""UPDATE email_requests SET used_at = $3
            WHERE id = $1 AND purpose = ANY($2) AND used_at IS NULL AND expires_at > $3
            RETURNING {_COLUMNS}""",  # noqa: S608
        request_id, list(purposes), now,
    )  # fmt: skip
    return msgspec.convert(dict(row), EmailRequest) if row else None


async def bind_request(tx: Writer, request_id: UUID, user_id: UUID) -> None:
    """Once the mail is written it is for one account: a later owner of the address cannot use the link."""
    await tx.execute("UPDATE email_requests SET user_id = $2 WHERE id = $1 AND user_id IS NULL", request_id, user_id)


async def void_requests(
    tx: Writer, user_id: UUID, purposes: Sequence[Purpose], now: datetime, after: UUID | None = None
) -> None:
    """`after` keeps those that were made before that one."""
    await tx.execute(
        """UPDATE email_requests SET used_at = $3
           WHERE user_id = $1 AND purpose = ANY($2) AND used_at IS NULL AND ($4::uuid IS NULL OR id > $4)""",
        user_id, list(purposes), now, after,
    )  # fmt: skip


async def count_before(tx: Reader, request: EmailRequest, purposes: Sequence[Purpose], since: datetime) -> int:
    """How many others went to the same address not long before this one."""
    counted: int = await tx.fetch_value(
        """SELECT count(*) FROM email_requests
           WHERE email = $1 AND purpose = ANY($2) AND created_at > $3 AND id < $4""",
        request.email, list(purposes), since, request.id,
    )  # fmt: skip
    return counted


async def remove_requests_of(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM email_requests WHERE user_id = $1", user_id)


async def remove_expired(tx: Writer, before: datetime, most: int) -> int:
    return await tx.execute(
        """DELETE FROM email_requests WHERE id IN (
               SELECT id FROM email_requests WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)""",
        before, most,
    )  # fmt: skip


async def all_of(tx: Reader, user_id: UUID) -> list[EmailRequest]:
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM email_requests WHERE user_id = $1 ORDER BY created_at DESC",  # noqa: S608
        user_id,
    )
    return msgspec.convert([dict(row) for row in rows], list[EmailRequest])


async def remove_requests_to(tx: Writer, email: str) -> None:
    """Also those that were never bound to a person."""
    await tx.execute("DELETE FROM email_requests WHERE email = $1", email)
