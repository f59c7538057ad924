"""`tiers`, `tier_price_changes` and `price_questions`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.memberships.models import Affected, Tier

_COLUMNS = (
    "id, creator_id, rank, name, about, benefits, min_amount, suggested_amount, yearly_min_amount, currency, "
    "pay_what_you_want, trial_days, cap, state, created_at, updated_at"
)
# Places that somebody holds: members, those who are paying, those who come at their renewal, and gifts not yet claimed.
_TAKEN = """
    SELECT (SELECT count(*) FROM memberships WHERE tier_id = $1 AND state <> 'ended' AND id IS DISTINCT FROM $2)
         + (SELECT count(*) FROM memberships WHERE pending_tier_id = $1 AND tier_id <> $1 AND id IS DISTINCT FROM $2)
         + (SELECT count(*) FROM gifts WHERE tier_id = $1 AND state IN ('pending', 'paid') AND id IS DISTINCT FROM $2)
"""


async def insert(tx: Writer, tier: Tier) -> None:
    await tx.execute(
        f"""INSERT INTO tiers ({_COLUMNS})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)""",  # noqa: S608
        *_values(tier),
    )


async def update(tx: Writer, tier: Tier) -> None:
    """All but whose it is and its currency."""
    await tx.execute(
        """UPDATE tiers SET rank = $3, name = $4, about = $5, benefits = $6, min_amount = $7, suggested_amount = $8,
               yearly_min_amount = $9, pay_what_you_want = $11, trial_days = $12, cap = $13, state = $14, updated_at = $16
           WHERE id = $1 AND creator_id = $2 AND currency = $10 AND created_at = $15""",
        *_values(tier),
    )


async def set_ranks(tx: Writer, creator_id: UUID, ordered: Sequence[UUID], now: datetime) -> int:
    """The first is the lowest. `tiers_rank_key` is looked at when the transaction ends."""
    return await tx.execute(
        """UPDATE tiers SET rank = wanted.place, updated_at = $3
           FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (id, place)
           WHERE tiers.id = wanted.id AND tiers.creator_id = $1""",
        creator_id, list(ordered), now,
    )  # fmt: skip


async def find(reader: Reader, tier_id: UUID) -> Tier | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM tiers WHERE id = $1", tier_id)  # noqa: S608
    return _tier(row) if row else None


async def lock(tx: Writer, tier_id: UUID) -> Tier | None:
    """For the last place in it, and against a price that changes while somebody agrees to it."""
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM tiers WHERE id = $1 FOR NO KEY UPDATE", tier_id)  # noqa: S608
    return _tier(row) if row else None


async def lock_all(tx: Writer, creator_id: UUID) -> list[Tier]:
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM tiers WHERE creator_id = $1 ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
        creator_id,
    )
    return sorted(map(_tier, rows), key=lambda tier: tier.rank)


async def of_creator(reader: Reader, creator_id: UUID) -> list[Tier]:
    """The lowest first. Index: tiers_rank_key."""
    sql = f"SELECT {_COLUMNS} FROM tiers WHERE creator_id = $1 ORDER BY rank"  # noqa: S608
    return [_tier(row) for row in await reader.fetch(sql, creator_id)]


async def these(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Tier]:
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM tiers WHERE id = ANY($1)", list(ids))  # noqa: S608
    return {row["id"]: _tier(row) for row in rows}


async def taken(reader: Reader, tier_id: UUID, but: UUID | None = None) -> int:
    """Index: memberships_tier, memberships_pending_tier, gifts_places."""
    return int(await reader.fetch_value(_TAKEN, tier_id, but))


async def remove(tx: Writer, tier_id: UUID) -> bool:
    """Only a draft that nobody was ever in."""
    return await tx.execute("DELETE FROM tiers WHERE id = $1 AND state = 'draft'", tier_id) == 1


async def members_by_tier(reader: Reader, creator_id: UUID) -> dict[UUID, int]:
    rows = await reader.fetch(
        """SELECT tier_id, count(*) FROM memberships WHERE creator_id = $1 AND state NOT IN ('incomplete', 'ended')
           GROUP BY tier_id""",
        creator_id,
    )
    return {row[0]: row[1] for row in rows}


async def affected(reader: Reader, tier_id: UUID, amount: int, yearly: int | None) -> Affected:
    """Index: memberships_tier."""
    row = await reader.fetch_row(
        """SELECT count(*) FILTER (WHERE state NOT IN ('incomplete', 'ended')),
                  count(*) FILTER (WHERE state NOT IN ('incomplete', 'ended', 'canceled') AND source = 'paid'
                                   AND amount < CASE interval WHEN 'month' THEN $2::bigint ELSE $3::bigint END),
                  count(*) FILTER (WHERE state = 'incomplete'),
                  (SELECT count(*) FROM gifts WHERE tier_id = $1 AND state = 'paid')
           FROM memberships WHERE tier_id = $1 AND state <> 'ended'""",
        tier_id, amount, yearly,
    )  # fmt: skip
    assert row is not None
    return Affected(members=row[0], pay_less=row[1], joining=row[2], gifts=row[3])


def _tier(row: Row) -> Tier:
    return Tier(**dict(row))


def _values(tier: Tier) -> list[object]:
    return [getattr(tier, name.strip()) for name in _COLUMNS.split(",")]
