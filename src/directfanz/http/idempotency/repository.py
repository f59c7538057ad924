"""The table of keys: one row per caller and key."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from directfanz.backends.database.contract import Writer

# With each new key two that are past are swept, so the table never holds more than a day's and needs no job.
_SWEPT_PER_CLAIM = 2


class Claim(NamedTuple):
    caller: str
    key_hash: bytes
    request_hash: bytes
    lease: UUID
    now: datetime
    lease_until: datetime
    expires_at: datetime


class Standing(NamedTuple):
    """Who came first. `sealed` is None while the work is under way."""

    request_hash: bytes
    sealed: bytes | None


async def take(tx: Writer, claim: Claim) -> Standing | None:
    """None when the lease is ours: the key is new, past, or its holder died."""
    taken = await tx.fetch_value(
        """
        insert into idempotency_keys as held (caller, key_hash, request_hash, lease, lease_until, expires_at)
        values ($1, $2, $3, $4, $6, $7)
        on conflict (caller, key_hash) do update
        set request_hash = excluded.request_hash, lease = excluded.lease, lease_until = excluded.lease_until,
            expires_at = excluded.expires_at, sealed = null
        where held.expires_at <= $5
           or (held.sealed is null and held.lease_until <= $5 and held.request_hash = excluded.request_hash)
        returning lease
        """,
        *claim,
    )
    if taken is not None:
        await _sweep(tx, claim)
        return None
    row = await tx.fetch_row(
        "select request_hash, sealed from idempotency_keys where caller = $1 and key_hash = $2",
        claim.caller,
        claim.key_hash,
    )
    # Gone again means that the first request was refused and released its key: to the client it is still running.
    return Standing(row[0], row[1]) if row else Standing(claim.request_hash, None)


async def keep(tx: Writer, claim: Claim, sealed: bytes) -> bool:
    """False when the lease had run out and another holds it."""
    return (
        await tx.execute(
            "update idempotency_keys set sealed = $4 where caller = $1 and key_hash = $2 and lease = $3",
            claim.caller,
            claim.key_hash,
            claim.lease,
            sealed,
        )
        == 1
    )


async def release(tx: Writer, claim: Claim) -> None:
    await tx.execute(
        "DELETE from idempotency_keys where caller = $1 and key_hash = $2 and lease = $3 and sealed is null",
        claim.caller,
        claim.key_hash,
        claim.lease,
    )


async def _sweep(tx: Writer, claim: Claim) -> None:
    await tx.execute(
        """
        DELETE from idempotency_keys
        where (caller, key_hash) in (
            select caller, key_hash from idempotency_keys
            where expires_at <= $1 order by expires_at limit $2 for update skip locked
        )
        """,
        claim.now,
        _SWEPT_PER_CLAIM,
    )
