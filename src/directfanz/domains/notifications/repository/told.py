"""`notifications` and `notification_positions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.notifications.models import Notification

_COLUMNS = "id, user_id, position, kind, facts, link, created_at, read_at, times"
_LAST = 2**63 - 1


async def next_positions(tx: Writer, user_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """In one order, so that two who tell many at once do not lock crosswise."""
    rows = await tx.fetch(
        """INSERT INTO notification_positions (user_id, last) SELECT id, 1 FROM unnest($1::uuid[]) AS u (id) ORDER BY id
           ON CONFLICT (user_id) DO UPDATE SET last = notification_positions.last + 1 RETURNING user_id, last""",
        user_ids,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def told_before(tx: Reader, user_ids: Sequence[UUID], dedupe_key: str) -> set[UUID]:
    """Index: notifications_dedupe_key."""
    sql = "SELECT user_id FROM notifications WHERE user_id = ANY($1) AND dedupe_key = $2"
    return {row[0] for row in await tx.fetch(sql, user_ids, dedupe_key)}


async def told_each_before(tx: Reader, pairs: Sequence[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Of these people and keys those that were told. Index: notifications_dedupe_key."""
    rows = await tx.fetch(
        """SELECT n.user_id, n.dedupe_key FROM notifications n
             JOIN unnest($1::uuid[], $2::text[]) AS k (user_id, key) ON n.user_id = k.user_id AND n.dedupe_key = k.key""",
        [pair[0] for pair in pairs], [pair[1] for pair in pairs],
    )  # fmt: skip
    return {(row[0], row[1]) for row in rows}


async def insert(
    tx: Writer, told: Sequence[Notification], dedupe_key: str | None, collapse_key: str | None, actors: Sequence[UUID]
) -> set[UUID]:
    """All of one kind. The people who had not been told the same before."""
    first = told[0]
    rows = await tx.fetch(
        """INSERT INTO notifications (id, user_id, position, kind, facts, link, dedupe_key, created_at, collapse_key, actors)
           SELECT n.id, n.user_id, n.position, $4, $5::jsonb, $6, $7, $8, $9, $10
           FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS n (id, user_id, position)
           ON CONFLICT (user_id, dedupe_key) DO NOTHING RETURNING user_id""",
        [each.id for each in told], [each.user_id for each in told], [each.position for each in told], first.kind,
        msgspec.json.encode(first.facts).decode(), first.link, dedupe_key, first.created_at, collapse_key, actors,
    )  # fmt: skip
    return {row[0] for row in rows}


async def insert_each(tx: Writer, told: Sequence[Notification], dedupe_keys: Sequence[str]) -> set[UUID]:
    """Each with facts of its own. The people who had not been told the same before."""
    rows = await tx.fetch(
        """INSERT INTO notifications (id, user_id, position, kind, facts, link, dedupe_key, created_at)
           SELECT id, u, p, k, f::jsonb, l, d, a
             FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
                  AS n (id, u, p, k, f, l, d, a)
           ON CONFLICT (user_id, dedupe_key) DO NOTHING RETURNING user_id""",
        [each.id for each in told], [each.user_id for each in told], [each.position for each in told],
        [each.kind for each in told], [msgspec.json.encode(each.facts).decode() for each in told],
        [each.link for each in told], list(dedupe_keys), [each.created_at for each in told],
    )  # fmt: skip
    return {row[0] for row in rows}


async def find_collapsing(tx: Writer, user_id: UUID, collapse_key: str) -> tuple[UUID, list[UUID]] | None:
    """The unread one that another of the same is counted in. Locked, so that two at once are both counted.
    Index: notifications_collapsing."""
    row = await tx.fetch_row(
        "SELECT id, actors FROM notifications WHERE user_id = $1 AND collapse_key = $2 AND read_at IS NULL FOR UPDATE",
        user_id, collapse_key,
    )  # fmt: skip
    return (row[0], list(row[1])) if row else None


async def count_one_more(
    tx: Writer, notification_id: UUID, position: int, facts: Mapping[str, str], actor: UUID, at: datetime, most: int
) -> None:
    """`actors` grows up to a bound: beyond it somebody may be counted twice."""
    await tx.execute(
        """UPDATE notifications SET position = $2, facts = $3::jsonb, created_at = $5, times = times + 1,
                                    actors = CASE WHEN cardinality(actors) < $6 THEN actors || $4::uuid ELSE actors END
           WHERE id = $1""",
        notification_id, position, msgspec.json.encode(facts).decode(), actor, at, most,
    )  # fmt: skip


async def find_many(reader: Reader, notification_ids: Sequence[UUID]) -> list[Notification]:
    sql = f"SELECT {_COLUMNS} FROM notifications WHERE id = ANY($1) ORDER BY position DESC"  # noqa: S608
    return [_notification(row) for row in await reader.fetch(sql, notification_ids)]


async def find(reader: Reader, notification_id: UUID) -> Notification | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM notifications WHERE id = $1", notification_id)  # noqa: S608
    return _notification(row) if row else None


async def newest(reader: Reader, user_id: UUID, before: int | None, limit: int) -> list[Notification]:
    """Newest first. Index: notifications_position_key."""
    sql = f"SELECT {_COLUMNS} FROM notifications WHERE user_id = $1 AND position < $2 ORDER BY position DESC LIMIT $3"  # noqa: S608
    return [_notification(row) for row in await reader.fetch(sql, user_id, before or _LAST, limit)]


async def since(reader: Reader, user_id: UUID, position: int, most: int) -> list[Notification]:
    """Oldest first: what a client missed. Index: notifications_position_key."""
    sql = f"SELECT {_COLUMNS} FROM notifications WHERE user_id = $1 AND position > $2 ORDER BY position LIMIT $3"  # noqa: S608
    return [_notification(row) for row in await reader.fetch(sql, user_id, position, most)]


async def last_position(reader: Reader, user_id: UUID) -> tuple[int, str]:
    """And the epoch that it is of; empty before anything was told."""
    row = await reader.fetch_row("SELECT last, epoch FROM notification_positions WHERE user_id = $1", user_id)
    return (row[0], str(row[1])) if row else (0, "")


async def standing(reader: Reader, user_ids: Sequence[UUID]) -> Mapping[UUID, tuple[int, int, str]]:
    """How many each has not read, the last position and its epoch."""
    rows = await reader.fetch(
        """SELECT p.user_id, (SELECT count(*) FROM notifications n WHERE n.user_id = p.user_id AND n.read_at IS NULL),
                  p.last, p.epoch
           FROM notification_positions p WHERE p.user_id = ANY($1)""",
        user_ids,
    )  # fmt: skip
    return {row[0]: (row[1], row[2], str(row[3])) for row in rows}


async def count_unread(reader: Reader, user_id: UUID) -> int:
    """Index: notifications_unread."""
    sql = "SELECT count(*) FROM notifications WHERE user_id = $1 AND read_at IS NULL"
    return int(await reader.fetch_value(sql, user_id))


async def mark_read(tx: Writer, user_id: UUID, notification_id: UUID, now: datetime) -> bool:
    """True also when it was read before; False when there is no such one of theirs."""
    sql = "UPDATE notifications SET read_at = coalesce(read_at, $3) WHERE id = $2 AND user_id = $1"
    return await tx.execute(sql, user_id, notification_id, now) == 1


async def mark_all_read(tx: Writer, user_id: UUID, upto: int | None, now: datetime) -> int:
    sql = "UPDATE notifications SET read_at = $3 WHERE user_id = $1 AND position <= $2 AND read_at IS NULL"
    return await tx.execute(sql, user_id, upto if upto is not None else _LAST, now)


async def all_of(reader: Reader, user_id: UUID) -> list[Notification]:
    sql = f"SELECT {_COLUMNS} FROM notifications WHERE user_id = $1 ORDER BY position"  # noqa: S608
    return [_notification(row) for row in await reader.fetch(sql, user_id)]


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM notifications WHERE user_id = $1", user_id)
    await tx.execute("DELETE FROM notification_positions WHERE user_id = $1", user_id)


async def remove_before(tx: Writer, before: datetime, most: int) -> int:
    """Index: notifications_old."""
    return await tx.execute(
        """DELETE FROM notifications WHERE id IN (
               SELECT id FROM notifications WHERE created_at < $1 ORDER BY created_at LIMIT $2)""",
        before, most,
    )  # fmt: skip


def _notification(row: Row) -> Notification:
    return Notification(
        id=row[0], user_id=row[1], position=row[2], kind=row[3], facts=msgspec.json.decode(row[4]), link=row[5],
        created_at=row[6], read_at=row[7], times=row[8],
    )  # fmt: skip
