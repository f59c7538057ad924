"""`notification_deliveries`: what still has to leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.notifications.models import Delivery, Outgoing


async def insert(tx: Writer, deliveries: Sequence[Delivery]) -> None:
    await tx.execute(
        """INSERT INTO notification_deliveries (notification_id, user_id, channel, gathered, due_at)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::timestamptz[])
           ON CONFLICT (notification_id, channel) DO NOTHING""",
        [each.notification_id for each in deliveries], [each.user_id for each in deliveries],
        [each.channel for each in deliveries], [each.gathered for each in deliveries],
        [each.due_at for each in deliveries],
    )  # fmt: skip


async def take(tx: Writer, notification_id: UUID, channel: Outgoing, now: datetime, until: datetime) -> bool:
    """False when it left already, or another has it. Index: the primary key."""
    taken = await tx.execute(
        """UPDATE notification_deliveries SET taken_until = $4 WHERE notification_id = $1 AND channel = $2
             AND (taken_until IS NULL OR taken_until <= $3)""",
        notification_id, channel, now, until,
    )  # fmt: skip
    return taken == 1


async def give_back(tx: Writer, notification_id: UUID, channel: Outgoing) -> None:
    await tx.execute(
        "UPDATE notification_deliveries SET taken_until = NULL WHERE notification_id = $1 AND channel = $2",
        notification_id, channel,
    )  # fmt: skip


async def left(tx: Writer, notification_ids: Sequence[UUID], channel: Outgoing) -> None:
    sql = "DELETE FROM notification_deliveries WHERE notification_id = ANY($1) AND channel = $2"
    await tx.execute(sql, notification_ids, channel)


async def take_due(tx: Writer, now: datetime, rescue_at: datetime, most: int) -> list[tuple[UUID, Outgoing]]:
    """What quiet hours held, and what its job forgot. Index: notification_deliveries_due."""
    rows = await tx.fetch(
        """UPDATE notification_deliveries d SET due_at = $2
           FROM (SELECT notification_id, channel FROM notification_deliveries WHERE NOT gathered AND due_at <= $1
                 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) due
           WHERE (d.notification_id, d.channel) = (due.notification_id, due.channel)
           RETURNING d.notification_id, d.channel""",
        now, rescue_at, most,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def take_due_digests(tx: Writer, now: datetime, rescue_at: datetime, most: int) -> tuple[int, list[UUID]]:
    """How many rows are due, and whose. Index: notification_deliveries_digest."""
    rows = await tx.fetch(
        """WITH due AS (SELECT notification_id, channel FROM notification_deliveries WHERE gathered AND due_at <= $1
                        ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED),
           moved AS (UPDATE notification_deliveries d SET due_at = $2 FROM due
                     WHERE (d.notification_id, d.channel) = (due.notification_id, due.channel) RETURNING d.user_id)
           SELECT user_id, count(*) FROM moved GROUP BY user_id ORDER BY user_id""",
        now, rescue_at, most,
    )  # fmt: skip
    return sum(row[1] for row in rows), [row[0] for row in rows]


async def gathered_for(reader: Reader, user_id: UUID) -> list[UUID]:
    """Index: notification_deliveries_of."""
    sql = "SELECT notification_id FROM notification_deliveries WHERE user_id = $1 AND gathered AND channel = 'email'"
    return [row[0] for row in await reader.fetch(sql, user_id)]


async def reschedule_gathered(tx: Writer, user_id: UUID, due_at: datetime) -> None:
    """Somebody chose another hour."""
    sql = "UPDATE notification_deliveries SET due_at = $2 WHERE user_id = $1 AND gathered"
    await tx.execute(sql, user_id, due_at)


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM notification_deliveries WHERE user_id = $1", user_id)
