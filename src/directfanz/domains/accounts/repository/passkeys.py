"""`passkeys`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.models import Passkey


class StoredPasskey(msgspec.Struct, frozen=True):
    """What an assertion is checked against."""

    id: UUID
    user_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int


async def insert_passkey(
    tx: Writer, key: StoredPasskey, name: str, transports: list[str], backed_up: bool, now: datetime
) -> None:
    """A key that is known already raises `passkeys_credential_id_key`."""
    await tx.execute(
        """INSERT INTO passkeys (id, user_id, credential_id, public_key, sign_count, name, transports, backed_up,
                                 created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        key.id, key.user_id, key.credential_id, key.public_key, key.sign_count, name, transports, backed_up, now,
    )  # fmt: skip


async def find_by_credential(tx: Reader, credential_id: bytes) -> StoredPasskey | None:
    row = await tx.fetch_row(
        "SELECT id, user_id, credential_id, public_key, sign_count FROM passkeys WHERE credential_id = $1",
        credential_id,
    )
    return StoredPasskey(*row) if row else None


async def use_passkey(tx: Writer, key: StoredPasskey, sign_count: int, backed_up: bool, now: datetime) -> bool:
    """False when the counter moved meanwhile: the same answer came twice, or the key has a copy."""
    used = await tx.execute(
        """UPDATE passkeys SET sign_count = $3, last_used_at = $4, backed_up = $5
           WHERE id = $1 AND sign_count = $2 AND (sign_count < $3 OR $3 = 0)""",
        key.id, key.sign_count, sign_count, now, backed_up,
    )  # fmt: skip
    return used == 1


async def list_passkeys(tx: Reader, user_id: UUID) -> list[Passkey]:
    rows = await tx.fetch(
        """SELECT id, name, backed_up, created_at, last_used_at FROM passkeys WHERE user_id = $1
           ORDER BY created_at, id""",
        user_id,
    )
    return msgspec.convert([dict(row) for row in rows], list[Passkey])


async def credential_ids(tx: Reader, user_id: UUID) -> list[tuple[bytes, list[str]]]:
    rows = await tx.fetch("SELECT credential_id, transports FROM passkeys WHERE user_id = $1", user_id)
    return [(row["credential_id"], list(row["transports"])) for row in rows]


async def rename_passkey(tx: Writer, user_id: UUID, passkey_id: UUID, name: str) -> bool:
    return (
        await tx.execute("UPDATE passkeys SET name = $3 WHERE id = $2 AND user_id = $1", user_id, passkey_id, name) == 1
    )


async def remove_passkey(tx: Writer, user_id: UUID, passkey_id: UUID) -> str | None:
    """The name it had."""
    name: str | None = await tx.fetch_value(
        "DELETE FROM passkeys WHERE id = $2 AND user_id = $1 RETURNING name", user_id, passkey_id
    )
    return name


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM passkeys WHERE user_id = $1", user_id)


async def remove_since(tx: Writer, user_id: UUID, since: datetime) -> None:
    await tx.execute("DELETE FROM passkeys WHERE user_id = $1 AND created_at >= $2", user_id, since)
