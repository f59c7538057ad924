from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.payments.models import Goal
from directfanz.kit.money import Money

# Index: orders_goal. One whose day has come is closed, whether a job has written it down or not.
_GOALS = """SELECT g.id, g.creator_id, g.title, g.about, g.target, g.currency,
                   CASE WHEN g.ends_at <= $1 THEN 'closed' ELSE g.state END, g.created_at, g.ends_at,
                   coalesce(sum(o.total - o.tax - o.refunded), 0)::bigint, count(DISTINCT o.user_id) FILTER (WHERE o.refunded < o.total)
            FROM goals g LEFT JOIN orders o ON o.goal_id = g.id AND o.paid_at IS NOT NULL"""


async def insert(tx: Writer, new: Goal) -> None:
    await tx.execute(
        """INSERT INTO goals (id, creator_id, title, about, target, currency, created_at, ends_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        new.id, new.creator_id, new.title, new.about, new.target.minor, new.target.currency, new.created_at, new.ends_at,
    )  # fmt: skip


async def find(reader: Reader, goal_id: UUID, now: datetime) -> Goal | None:
    row = await reader.fetch_row(f"{_GOALS} WHERE g.id = $2 GROUP BY g.id", now, goal_id)
    return _goal(row) if row else None


async def of_creator(
    reader: Reader, creator_id: UUID, now: datetime, *, only_open: bool, limit: int = 50
) -> list[Goal]:
    """Index: goals_of."""
    which = "AND g.state = 'open' AND (g.ends_at IS NULL OR g.ends_at > $1)" if only_open else ""
    sql = f"{_GOALS} WHERE g.creator_id = $2 {which} GROUP BY g.id ORDER BY g.id DESC LIMIT $3"
    return [_goal(row) for row in await reader.fetch(sql, now, creator_id, limit)]


async def change(tx: Writer, goal: Goal) -> None:
    await tx.execute(
        "UPDATE goals SET title = $2, about = $3, target = $4, ends_at = $5 WHERE id = $1",
        goal.id, goal.title, goal.about, goal.target.minor, goal.ends_at,
    )  # fmt: skip


async def close(tx: Writer, goal_id: UUID, now: datetime) -> bool:
    sql = "UPDATE goals SET state = 'closed', closed_at = $2 WHERE id = $1 AND state = 'open'"
    return await tx.execute(sql, goal_id, now) == 1


async def close_due(tx: Writer, now: datetime) -> list[UUID]:
    """Index: goals_ending."""
    rows = await tx.fetch(
        "UPDATE goals SET state = 'closed', closed_at = ends_at WHERE state = 'open' AND ends_at <= $1 RETURNING id",
        now,
    )
    return [row[0] for row in rows]


def _goal(row: Row) -> Goal:
    return Goal(
        id=row[0], creator_id=row[1], title=row[2], about=row[3], target=Money(row[4], row[5]), state=row[6], created_at=row[7],
        ends_at=row[8], raised=Money(row[9], row[5]), givers=row[10],
    )  # fmt: skip
