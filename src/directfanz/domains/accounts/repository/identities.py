"""`identities`: who people are at other providers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.models import Identity


class NewIdentity(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    user_id: UUID
    provider: str
    issuer: str
    subject: str
    email: str | None


async def insert_identity(tx: Writer, identity: NewIdentity, now: datetime) -> None:
    """Raises `identities_subject_key` (somebody's already) or `identities_provider_key` (one per provider)."""
    await tx.execute(
        """INSERT INTO identities (id, user_id, provider, issuer, subject, email, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        identity.id, identity.user_id, identity.provider, identity.issuer, identity.subject, identity.email, now,
    )  # fmt: skip


async def find_owner(tx: Reader, issuer: str, subject: str) -> UUID | None:
    owner: UUID | None = await tx.fetch_value(
        "SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2", issuer, subject
    )
    return owner


async def use_identity(tx: Writer, issuer: str, subject: str, email: str | None, now: datetime) -> None:
    await tx.execute(
        """UPDATE identities SET last_used_at = $4, email = coalesce($3, email)
           WHERE issuer = $1 AND subject = $2""",
        issuer, subject, email, now,
    )  # fmt: skip


async def list_identities(tx: Reader, user_id: UUID) -> list[Identity]:
    rows = await tx.fetch(
        """SELECT id, provider, email::text AS email, created_at, last_used_at FROM identities WHERE user_id = $1
           ORDER BY created_at""",
        user_id,
    )
    return msgspec.convert([dict(row) for row in rows], list[Identity])


async def remove_identity(tx: Writer, user_id: UUID, identity_id: UUID) -> str | None:
    """The provider it was of."""
    provider: str | None = await tx.fetch_value(
        "DELETE FROM identities WHERE id = $2 AND user_id = $1 RETURNING provider", user_id, identity_id
    )
    return provider


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM identities WHERE user_id = $1", user_id)


async def remove_since(tx: Writer, user_id: UUID, since: datetime) -> None:
    await tx.execute("DELETE FROM identities WHERE user_id = $1 AND created_at >= $2", user_id, since)
