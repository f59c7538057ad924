"""`totp` and `recovery_codes`: the second factor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer


class Totp(msgspec.Struct, frozen=True):
    sealed: bytes
    begun_at: datetime
    confirmed_at: datetime | None
    last_step: int


async def find_totp(tx: Reader, user_id: UUID) -> Totp | None:
    row = await tx.fetch_row("SELECT sealed, begun_at, confirmed_at, last_step FROM totp WHERE user_id = $1", user_id)
    return Totp(*row) if row else None


async def begin_totp(tx: Writer, user_id: UUID, sealed: bytes, now: datetime) -> bool:
    """Replaces one that was begun and not confirmed; never one that is on."""
    begun = await tx.execute(
        """INSERT INTO totp (user_id, sealed, begun_at) VALUES ($1, $2, $3)
           ON CONFLICT (user_id) DO UPDATE SET sealed = $2, begun_at = $3, last_step = 0
           WHERE totp.confirmed_at IS NULL""",
        user_id, sealed, now,
    )  # fmt: skip
    return begun == 1


async def confirm_totp(tx: Writer, user_id: UUID, sealed: bytes, step: int, now: datetime) -> bool:
    confirmed = await tx.execute(
        """UPDATE totp SET confirmed_at = $4, last_step = $3
           WHERE user_id = $1 AND sealed = $2 AND confirmed_at IS NULL""",
        user_id, sealed, step, now,
    )  # fmt: skip
    return confirmed == 1


async def use_step(tx: Writer, user_id: UUID, step: int) -> bool:
    """False when this code, or a later one, opened something before."""
    used = await tx.execute(
        "UPDATE totp SET last_step = $2 WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2",
        user_id, step,
    )  # fmt: skip
    return used == 1


async def remove_totp(tx: Writer, user_id: UUID) -> bool:
    """With its recovery codes: they stand in for it."""
    await tx.execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)
    return await tx.execute("DELETE FROM totp WHERE user_id = $1", user_id) == 1


async def remove_totp_since(tx: Writer, user_id: UUID, since: datetime) -> None:
    removed = await tx.execute("DELETE FROM totp WHERE user_id = $1 AND begun_at >= $2", user_id, since)
    if removed:
        await tx.execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)


async def replace_recovery_codes(tx: Writer, user_id: UUID, hashes: list[bytes]) -> None:
    await tx.execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)
    await tx.execute_many(
        "INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)", [(user_id, each) for each in hashes]
    )


async def use_recovery_code(tx: Writer, user_id: UUID, hashed: bytes, now: datetime) -> bool:
    used = await tx.execute(
        "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND hash = $2 AND used_at IS NULL",
        user_id, hashed, now,
    )  # fmt: skip
    return used == 1


async def count_recovery_codes(tx: Reader, user_id: UUID) -> int:
    counted: int = await tx.fetch_value(
        "SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL", user_id
    )
    return counted
