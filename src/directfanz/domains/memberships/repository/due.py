"""What a clock finds: memberships whose time for something has come. Each after an id, so that one that fails does not hold up the rest."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader

_SQL = """SELECT id FROM memberships WHERE {condition} AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3"""
_CONDITIONS = {
    # Index: memberships_held_until
    "lapsed": "state = 'incomplete' AND held_until <= $1",
    # Index: memberships_grace
    "grace_over": "state = 'past_due' AND grace_until <= $1",
    # Index: memberships_period_end
    "ran_out": "state IN ('active', 'canceled') AND subscription IS NULL AND period_end <= $1",
    "silent": "state IN ('trialing', 'active', 'canceled') AND subscription IS NOT NULL AND period_end <= $1",
    "trial_ends": "state = 'trialing' AND period_end <= $1",
    # Index: memberships_resumes
    "resumes": "state = 'paused' AND resumes_at <= $1",
    # Index: memberships_changing
    "half_changed": "pending_now AND pending_from <= $1",
    "not_changed": "NOT pending_now AND pending_from <= $1 AND period_start >= pending_from AND state IN ('trialing', 'active')",
}


async def ids(reader: Reader, what: str, moment: datetime, after: UUID | None, most: int) -> list[UUID]:
    rows = await reader.fetch(_SQL.format(condition=_CONDITIONS[what]), moment, after, most)
    return [row[0] for row in rows]


async def of_closed_pages(reader: Reader, after: UUID | None, most: int) -> list[UUID]:
    """Members of pages that closed for good."""
    rows = await reader.fetch(
        """SELECT m.id FROM creators c JOIN memberships m ON m.creator_id = c.id
           WHERE c.state = 'closed' AND m.state <> 'ended' AND ($1::uuid IS NULL OR m.id > $1) ORDER BY m.id LIMIT $2""",
        after, most,
    )  # fmt: skip
    return [row[0] for row in rows]
