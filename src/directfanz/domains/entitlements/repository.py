from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.entitlements.models import Claim, Difference, Grant, Reason, Source
from directfanz.kit.ids import new_id

_COLUMNS = (
    "id, creator_id, scope, rank, object_id, source, source_id, tier_name, starts_at, ends_at, revoked_at, revoked_why"
)
# What has run out needs no row, and what was revoked is none.
_DIFFERENCES = """
    SELECT coalesce(c.user_id, k.user_id), coalesce(c.creator_id, k.creator_id), coalesce(c.source, k.source),
           coalesce(c.source_id, k.source_id), coalesce(c.scope, k.scope), coalesce(c.object_id, k.object_id),
           c.source_id IS NOT NULL, c.rank, c.starts_at, c.ends_at, k.source_id IS NOT NULL, k.rank, k.starts_at, k.ends_at,
           c.tier_name, k.tier_name
    FROM (SELECT * FROM entitlement_claims WHERE ends_at IS NULL OR ends_at > $1) c
    FULL JOIN (SELECT * FROM entitlements WHERE revoked_at IS NULL AND (ends_at IS NULL OR ends_at > $1)
               AND source = ANY($2)) k
        ON k.source = c.source AND k.source_id = c.source_id AND k.scope = c.scope
        AND coalesce(k.object_id, '00000000-0000-0000-0000-000000000000')
            = coalesce(c.object_id, '00000000-0000-0000-0000-000000000000')
    WHERE (c.user_id, c.creator_id, c.rank, c.starts_at, c.ends_at, c.tier_name)
        IS DISTINCT FROM (k.user_id, k.creator_id, k.rank, k.starts_at, k.ends_at, k.tier_name)
    LIMIT $3
"""


async def grant(tx: Writer, wanted: Grant) -> bool:
    """True when something changed. Index: entitlements_source_key."""
    touched = await tx.execute(
        """INSERT INTO entitlements AS old (id, user_id, creator_id, scope, rank, object_id, source, source_id, tier_name,
                                            starts_at, ends_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
           ON CONFLICT ON CONSTRAINT entitlements_source_key DO UPDATE
           SET user_id = excluded.user_id, creator_id = excluded.creator_id, rank = excluded.rank,
               tier_name = excluded.tier_name, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
               revoked_at = NULL, revoked_why = NULL
           WHERE (old.user_id, old.creator_id, old.rank, old.tier_name, old.starts_at, old.ends_at, old.revoked_at)
               IS DISTINCT FROM (excluded.user_id, excluded.creator_id, excluded.rank, excluded.tier_name,
                                 excluded.starts_at, excluded.ends_at, NULL)""",
        new_id(), wanted.user_id, wanted.creator_id, wanted.scope, wanted.rank, wanted.object_id, wanted.source,
        wanted.source_id, wanted.tier_name, wanted.starts_at, wanted.ends_at,
    )  # fmt: skip
    return touched == 1


async def end(tx: Writer, source: Source, source_id: UUID, at: datetime, why: str) -> list[tuple[UUID, UUID]]:
    """The users and creators that it concerned. Index: entitlements_source_key."""
    rows = await tx.fetch(
        """UPDATE entitlements SET revoked_at = $3, revoked_why = $4
           WHERE source = $1 AND source_id = $2 AND revoked_at IS NULL RETURNING user_id, creator_id""",
        source, source_id, at, why,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def rerank(tx: Writer, source_ids: Sequence[UUID], rank: int, tier_name: str) -> list[tuple[UUID, UUID]]:
    """The users and creators that it concerned. Index: entitlements_source_key."""
    rows = await tx.fetch(
        """UPDATE entitlements SET rank = $2, tier_name = $3
           WHERE source IN ('membership', 'gift', 'comp') AND source_id = ANY($1) AND scope = 'tier'
             AND (rank, tier_name) IS DISTINCT FROM ($2, $3) RETURNING user_id, creator_id""",
        list(source_ids), rank, tier_name,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def live(reader: Reader, user_id: UUID, creator_id: UUID, now: datetime, most: int) -> list[Reason]:
    """Also what begins later: who keeps it has it when it begins. Tiers first. Index: entitlements_of."""
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM entitlements
            WHERE user_id = $1 AND creator_id = $2 AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > $3)
            ORDER BY scope = 'tier' DESC, starts_at DESC, id DESC LIMIT $4""",  # noqa: S608
        user_id, creator_id, now, most,
    )  # fmt: skip
    return [_reason(row, now) for row in rows]


async def of_object(reader: Reader, user_id: UUID, creator_id: UUID, object_id: UUID, now: datetime) -> Reason | None:
    row = await reader.fetch_row(
        f"""SELECT {_COLUMNS} FROM entitlements
            WHERE user_id = $1 AND creator_id = $2 AND object_id = $3 AND revoked_at IS NULL
              AND starts_at <= $4 AND (ends_at IS NULL OR ends_at > $4)
            ORDER BY ends_at DESC NULLS FIRST LIMIT 1""",  # noqa: S608
        user_id, creator_id, object_id, now,
    )  # fmt: skip
    return _reason(row, now) if row else None


async def all_of(reader: Reader, user_id: UUID, creator_id: UUID | None, now: datetime) -> list[Reason]:
    """With what has ended, the newest first. Index: entitlements_of does not help the ended; they are few."""
    rows = await reader.fetch(
        f"""SELECT {_COLUMNS} FROM entitlements WHERE user_id = $1 AND ($2::uuid IS NULL OR creator_id = $2)
            ORDER BY revoked_at IS NULL DESC, starts_at DESC, id DESC LIMIT 500""",  # noqa: S608
        user_id, creator_id,
    )  # fmt: skip
    return [_reason(row, now) for row in rows]


async def differences(reader: Reader, sources: list[str], now: datetime, most: int) -> list[Difference]:
    return [_difference(row) for row in await reader.fetch(_DIFFERENCES, now, sources, most)]


async def remove_all(tx: Writer, user_id: UUID) -> list[UUID]:
    """The creators it concerned."""
    rows = await tx.fetch("DELETE FROM entitlements WHERE user_id = $1 RETURNING creator_id", user_id)
    return sorted({row[0] for row in rows})


def _reason(row: Row, now: datetime) -> Reason:
    started, ends, revoked = row[8], row[9], row[10]
    return Reason(
        id=row[0], creator_id=row[1], scope=row[2], rank=row[3], object_id=row[4], source=row[5], source_id=row[6],
        tier_name=row[7], starts_at=started, ends_at=ends, revoked_at=revoked, revoked_why=row[11],
        live=revoked is None and started <= now and (ends is None or now < ends),
    )  # fmt: skip


def _difference(row: Row) -> Difference:
    return Difference(
        user_id=row[0], creator_id=row[1], source=row[2], source_id=row[3], scope=row[4], object_id=row[5],
        claimed=Claim(row[7], row[8], row[9], row[14]) if row[6] else None,
        kept=Claim(row[11], row[12], row[13], row[15]) if row[10] else None,
    )  # fmt: skip
