"""Members as a creator's team sees them, and what it notes about them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from directfanz.backends.billing.contract import Interval
from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.memberships.models import MembershipSource, State

Segment = Literal["all", "live", "new", "trialing", "past_due", "leaving", "paused", "ended", "given"]
# Each is a whole condition of its own, so that a plan can use memberships_members.
_SEGMENTS: dict[Segment, str] = {
    "all": "true",
    "live": "m.state <> 'ended'",
    "new": "m.state <> 'ended' AND m.started_at > $7",
    "trialing": "m.state = 'trialing'",
    "past_due": "m.state = 'past_due'",
    "leaving": "m.state = 'canceled'",
    "paused": "m.state = 'paused'",
    "ended": "m.state = 'ended'",
    "given": "m.state <> 'ended' AND m.source IN ('gift', 'comp', 'free')",
}


class MemberFilter(msgspec.Struct, frozen=True, kw_only=True):
    segment: Segment = "live"
    tier_id: UUID | None = None
    search: str = ""


class MemberRow(msgspec.Struct, frozen=True, kw_only=True):
    """One membership and who has it. `avatar` is a name in the bucket."""

    id: UUID
    user_id: UUID
    handle: str
    display_name: str
    avatar: str | None
    tier_id: UUID
    tier_name: str
    state: State
    source: MembershipSource
    amount: int
    currency: str
    interval: Interval
    started_at: datetime
    period_end: datetime | None
    grace_until: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    cancel_reason: str | None
    cancel_comment: str
    notes: int


class Note(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    author_id: UUID | None
    author: str | None
    text: str
    created_at: datetime


_COLUMNS = """m.id, m.user_id, u.handle::text AS handle, u.display_name, u.avatar, m.tier_id, t.name AS tier_name, m.state,
    m.source, m.amount, m.currency, m.interval, m.started_at, m.period_end, m.grace_until, m.ended_at, m.end_reason,
    m.cancel_reason, m.cancel_comment,
    (SELECT count(*) FROM member_notes n WHERE n.creator_id = m.creator_id AND n.user_id = m.user_id) AS notes"""
_FROM = "memberships m JOIN users u ON u.id = m.user_id JOIN tiers t ON t.id = m.tier_id"
# One condition for all lists; what is null or empty does not narrow it.
_WHERE = """m.creator_id = $1 AND m.started_at IS NOT NULL AND m.state <> 'incomplete'
    AND ($2::uuid IS NULL OR m.id < $2) AND ($3::uuid IS NULL OR m.tier_id = $3)
    AND ($4 = '' OR u.handle::text ILIKE $5 OR u.display_name ILIKE $5) AND ($7::timestamptz IS NOT NULL)"""


async def newest(
    reader: Reader, creator_id: UUID, wanted: MemberFilter, new_since: datetime, before: UUID | None, limit: int
) -> list[MemberRow]:
    """Index: memberships_members."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_WHERE} AND ({_SEGMENTS[wanted.segment]}) ORDER BY m.id DESC LIMIT $6",  # noqa: S608
        creator_id, before, wanted.tier_id, wanted.search, _like(wanted.search), limit, new_since,
    )  # fmt: skip
    return [_member(row) for row in rows]


async def find(reader: Reader, creator_id: UUID, membership_id: UUID) -> MemberRow | None:
    sql = f"SELECT {_COLUMNS} FROM {_FROM} WHERE m.creator_id = $1 AND m.id = $2 AND m.started_at IS NOT NULL"  # noqa: S608
    row = await reader.fetch_row(sql, creator_id, membership_id)
    return _member(row) if row else None


async def counts(reader: Reader, creator_id: UUID, new_since: datetime) -> dict[str, int]:
    """Of each segment. Index: memberships_members."""
    each = ", ".join(
        f"count(*) FILTER (WHERE {condition.replace('$7', '$2')}) AS {name}" for name, condition in _SEGMENTS.items()
    )
    row = await reader.fetch_row(
        f"""SELECT {each} FROM memberships m WHERE creator_id = $1 AND started_at IS NOT NULL AND state <> 'incomplete'
            AND $2::timestamptz IS NOT NULL""",  # noqa: S608 - our own conditions
        creator_id, new_since,
    )  # fmt: skip
    return dict(row) if row else {}


async def sources_in(reader: Reader, tier_id: UUID, after: UUID | None, most: int) -> list[UUID]:
    """What entitles to this tier: its live memberships, and gifts on top of others. In the order of their ids."""
    rows = await reader.fetch(
        """SELECT id FROM memberships WHERE tier_id = $1 AND state NOT IN ('incomplete', 'ended') AND ($2::uuid IS NULL OR id > $2)
           UNION ALL
           SELECT id FROM gifts WHERE tier_id = $1 AND state = 'claimed' AND on_top AND ($2::uuid IS NULL OR id > $2)
           ORDER BY id LIMIT $3""",
        tier_id, after, most,
    )  # fmt: skip
    return [row[0] for row in rows]


async def notes(reader: Reader, creator_id: UUID, user_id: UUID) -> list[Note]:
    """The newest first. Index: member_notes_about."""
    rows = await reader.fetch(
        """SELECT n.id, n.author_id, u.display_name, n.text, n.created_at FROM member_notes n
           LEFT JOIN users u ON u.id = n.author_id WHERE n.creator_id = $1 AND n.user_id = $2 ORDER BY n.id DESC LIMIT 100""",
        creator_id, user_id,
    )  # fmt: skip
    return [Note(id=row[0], author_id=row[1], author=row[2], text=row[3], created_at=row[4]) for row in rows]


async def add_note(
    tx: Writer, note_id: UUID, creator_id: UUID, user_id: UUID, author_id: UUID, text: str, now: datetime
) -> None:
    await tx.execute(
        "INSERT INTO member_notes (id, creator_id, user_id, author_id, text, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        note_id, creator_id, user_id, author_id, text, now,
    )  # fmt: skip


async def remove_note(tx: Writer, creator_id: UUID, note_id: UUID) -> bool:
    return await tx.execute("DELETE FROM member_notes WHERE creator_id = $1 AND id = $2", creator_id, note_id) == 1


def _like(search: str) -> str:
    """What the person typed, wherever it stands; % and _ mean themselves."""
    plain = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


def _member(row: Row) -> MemberRow:
    return MemberRow(**dict(row))
