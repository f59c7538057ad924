"""`stream_hosts` and `stream_raids`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.live.models import Host, HostState, Raid, RaidState

_HOST = "stream_id, creator_id, state, moderates"
_RAID = "id, stream_id, target_id, state, viewers, offered_at"


async def invite(tx: Writer, host: Host, by: UUID, now: datetime) -> None:
    """Asked again, they are asked again."""
    await tx.execute(
        """INSERT INTO stream_hosts (stream_id, creator_id, state, moderates, invited_by, invited_at)
           VALUES ($1, $2, 'invited', $3, $4, $5)
           ON CONFLICT (stream_id, creator_id) DO UPDATE SET moderates = $3, invited_by = $4,
               state = CASE WHEN stream_hosts.state = 'declined' THEN 'invited' ELSE stream_hosts.state END""",
        host.stream_id, host.creator_id, host.moderates, by, now,
    )  # fmt: skip


async def answer(tx: Writer, stream_id: UUID, creator_id: UUID, state: HostState, now: datetime) -> Host | None:
    row = await tx.fetch_row(
        f"""UPDATE stream_hosts SET state = $3, answered_at = $4
            WHERE stream_id = $1 AND creator_id = $2 AND state <> $3 RETURNING {_HOST}""",  # noqa: S608 - our own columns
        stream_id, creator_id, state, now,
    )  # fmt: skip
    return _host(row) if row else None


async def withdraw(tx: Writer, stream_id: UUID, creator_id: UUID) -> bool:
    sql = "DELETE FROM stream_hosts WHERE stream_id = $1 AND creator_id = $2"
    return await tx.execute(sql, stream_id, creator_id) == 1


async def hosts_of(reader: Reader, stream_ids: list[UUID]) -> list[Host]:
    rows = await reader.fetch(
        f"SELECT {_HOST} FROM stream_hosts WHERE stream_id = ANY($1) ORDER BY invited_at, creator_id",  # noqa: S608
        stream_ids,
    )
    return [_host(row) for row in rows]


async def invitations_to(reader: Reader, creator_id: UUID) -> list[Host]:
    """To streams that are not over. Index: stream_hosts_of."""
    rows = await reader.fetch(
        """SELECT h.stream_id, h.creator_id, h.state, h.moderates FROM stream_hosts h JOIN streams s ON s.id = h.stream_id
           WHERE h.creator_id = $1 AND h.state = 'invited' AND s.state <> 'ended' ORDER BY h.invited_at LIMIT 50""",
        creator_id,
    )
    return [_host(row) for row in rows]


async def hosted_by(reader: Reader, creator_id: UUID) -> list[UUID]:
    """Streams of others that this page makes with them, on air or to come. Index: stream_hosts_of."""
    rows = await reader.fetch(
        """SELECT h.stream_id FROM stream_hosts h JOIN streams s ON s.id = h.stream_id
           WHERE h.creator_id = $1 AND h.state = 'accepted' AND s.state IN ('live', 'reconnecting', 'scheduled') LIMIT 50""",
        creator_id,
    )
    return [row[0] for row in rows]


async def offer(tx: Writer, raid: Raid, by: UUID) -> None:
    """`ConstraintBroken` of stream_raids_waiting when one waits already."""
    await tx.execute(
        f"""INSERT INTO stream_raids ({_RAID}, offered_by) VALUES ($1, $2, $3, $4, $5, $6, $7)""",  # noqa: S608
        raid.id, raid.stream_id, raid.target_id, raid.state, raid.viewers, raid.offered_at, by,
    )  # fmt: skip


async def waiting_of(reader: Reader, stream_id: UUID) -> Raid | None:
    """Index: stream_raids_waiting."""
    row = await reader.fetch_row(
        f"SELECT {_RAID} FROM stream_raids WHERE stream_id = $1 AND state IN ('offered', 'accepted')",  # noqa: S608
        stream_id,
    )
    return _raid(row) if row else None


async def offered_to(reader: Reader, target_id: UUID) -> list[Raid]:
    """Index: stream_raids_target."""
    rows = await reader.fetch(
        f"SELECT {_RAID} FROM stream_raids WHERE target_id = $1 AND state = 'offered' ORDER BY offered_at DESC LIMIT 20",  # noqa: S608
        target_id,
    )
    return [_raid(row) for row in rows]


async def find_raid(reader: Reader, raid_id: UUID) -> Raid | None:
    row = await reader.fetch_row(f"SELECT {_RAID} FROM stream_raids WHERE id = $1", raid_id)  # noqa: S608
    return _raid(row) if row else None


async def move_raid(tx: Writer, raid_id: UUID, old: RaidState, new: RaidState, now: datetime, viewers: int = 0) -> bool:
    moved = await tx.execute(
        """UPDATE stream_raids SET state = $3, answered_at = $4, viewers = greatest(viewers, $5)
           WHERE id = $1 AND state = $2""",
        raid_id, old, new, now, viewers,
    )  # fmt: skip
    return moved == 1


async def offered_since(reader: Reader, creator_id: UUID, since: datetime) -> int:
    """By all streams of a page."""
    return int(
        await reader.fetch_value(
            """SELECT count(*) FROM stream_raids r JOIN streams s ON s.id = r.stream_id
               WHERE s.creator_id = $1 AND r.offered_at > $2""",
            creator_id, since,
        )
    )  # fmt: skip


async def came_from(reader: Reader, creator_id: UUID, other_id: UUID, since: datetime) -> bool:
    """Whether viewers of `other` were sent to `creator` since."""
    return bool(
        await reader.fetch_value(
            """SELECT EXISTS (SELECT FROM stream_raids r JOIN streams s ON s.id = r.stream_id JOIN streams t ON t.id = r.target_id
               WHERE s.creator_id = $2 AND t.creator_id = $1 AND r.state = 'done' AND r.answered_at > $3)""",
            creator_id, other_id, since,
        )
    )  # fmt: skip


def _host(row: Row) -> Host:
    return msgspec.convert(dict(row), Host)


def _raid(row: Row) -> Raid:
    return msgspec.convert(dict(row), Raid)
