"""`push_subscriptions`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.notifications.models import Browser

_COLUMNS = "id, user_id, session_id, endpoint, p256dh, auth, device, created_at, used_at"


async def keep(tx: Writer, browser: Browser) -> None:
    """A browser that another person used before is now this one's."""
    await tx.execute(
        """INSERT INTO push_subscriptions (id, user_id, session_id, endpoint, p256dh, auth, device, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT ON CONSTRAINT push_subscriptions_endpoint_key DO UPDATE
           SET user_id = excluded.user_id, session_id = excluded.session_id, p256dh = excluded.p256dh,
               auth = excluded.auth, device = excluded.device, created_at = excluded.created_at""",
        browser.id, browser.user_id, browser.session_id, browser.endpoint, browser.p256dh, browser.auth,
        browser.device, browser.created_at,
    )  # fmt: skip


async def of_user(reader: Reader, user_id: UUID) -> list[Browser]:
    """The newest first. Index: push_subscriptions_of."""
    sql = f"SELECT {_COLUMNS} FROM push_subscriptions WHERE user_id = $1 ORDER BY created_at DESC, id DESC"  # noqa: S608
    return [_browser(row) for row in await reader.fetch(sql, user_id)]


async def remove(tx: Writer, user_id: UUID, browser_id: UUID) -> bool:
    sql = "DELETE FROM push_subscriptions WHERE user_id = $1 AND id = $2"
    return await tx.execute(sql, user_id, browser_id) == 1


async def remove_endpoint(tx: Writer, user_id: UUID, endpoint: str) -> bool:
    sql = "DELETE FROM push_subscriptions WHERE user_id = $1 AND endpoint = $2"
    return await tx.execute(sql, user_id, endpoint) == 1


async def remove_many(tx: Writer, browser_ids: Sequence[UUID]) -> None:
    await tx.execute("DELETE FROM push_subscriptions WHERE id = ANY($1)", browser_ids)


async def remove_beyond(tx: Writer, user_id: UUID, most: int) -> None:
    await tx.execute(
        """DELETE FROM push_subscriptions WHERE id IN (
               SELECT id FROM push_subscriptions WHERE user_id = $1 ORDER BY created_at DESC, id DESC OFFSET $2)""",
        user_id, most,
    )  # fmt: skip


async def used(tx: Writer, browser_ids: Sequence[UUID], now: datetime) -> None:
    await tx.execute("UPDATE push_subscriptions SET used_at = $2 WHERE id = ANY($1)", browser_ids, now)


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM push_subscriptions WHERE user_id = $1", user_id)


def _browser(row: Row) -> Browser:
    return Browser(
        id=row[0], user_id=row[1], session_id=row[2], endpoint=row[3], p256dh=row[4], auth=row[5], device=row[6],
        created_at=row[7], used_at=row[8],
    )  # fmt: skip
