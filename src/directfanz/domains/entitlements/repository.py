from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.entitlements.models import Claim, Difference, Grant, Holding, Need, Reason, Source
from directfanz.kit.ids import new_id

Pair = tuple[UUID, UUID]  # a person and a page
_COLUMNS = "id, creator_id, scope, rank, object_id, source, source_id, tier_name, starts_at, ends_at, revoked_at, revoked_why, away"
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


# `UNION` names everybody once, also who is a member for two reasons or follows too.
_AUDIENCE = """
    SELECT user_id FROM entitlements
    WHERE creator_id = $1 AND scope = 'tier' AND revoked_at IS NULL AND starts_at <= $2 AND (ends_at IS NULL OR ends_at > $2)
      AND rank >= $3::integer
    UNION SELECT user_id FROM follows WHERE creator_id = $1 AND $4
"""


async def grant(tx: Writer, wanted: Grant, now: datetime) -> bool:
    """True when something changed. What was over and goes on again has been away meanwhile. Index: entitlements_source_key."""
    touched = await tx.execute(
        """INSERT INTO entitlements AS old (id, user_id, creator_id, scope, rank, object_id, source, source_id, tier_name,
                                            starts_at, ends_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
           ON CONFLICT ON CONSTRAINT entitlements_source_key DO UPDATE
           SET user_id = excluded.user_id, creator_id = excluded.creator_id, rank = excluded.rank,
               tier_name = excluded.tier_name, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
               revoked_at = NULL, revoked_why = NULL,
               away = CASE WHEN old.starts_at = excluded.starts_at THEN old.away + greatest(
                          $12 - least(coalesce(old.ends_at, $12), coalesce(old.revoked_at, $12)), '0') ELSE '0' END
           WHERE (old.user_id, old.creator_id, old.rank, old.tier_name, old.starts_at, old.ends_at, old.revoked_at)
               IS DISTINCT FROM (excluded.user_id, excluded.creator_id, excluded.rank, excluded.tier_name,
                                 excluded.starts_at, excluded.ends_at, NULL)""",
        new_id(), wanted.user_id, wanted.creator_id, wanted.scope, wanted.rank, wanted.object_id, wanted.source,
        wanted.source_id, wanted.tier_name, wanted.starts_at, wanted.ends_at, now,
    )  # fmt: skip
    return touched == 1


async def grant_all(tx: Writer, wanted: Sequence[Grant]) -> list[tuple[UUID, UUID]]:
    """Tiers only, each source once. The users and creators for whom something changed."""
    rows = await tx.fetch(
        """INSERT INTO entitlements AS old (id, user_id, creator_id, scope, rank, source, source_id, tier_name, starts_at, ends_at)
           SELECT id, u, c, 'tier', r, s, si, t, f, e
             FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::uuid[], $7::text[], $8::timestamptz[],
                         $9::timestamptz[]) AS g (id, u, c, r, s, si, t, f, e)
           ON CONFLICT ON CONSTRAINT entitlements_source_key DO UPDATE
           SET user_id = excluded.user_id, creator_id = excluded.creator_id, rank = excluded.rank,
               tier_name = excluded.tier_name, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
               revoked_at = NULL, revoked_why = NULL
           WHERE (old.user_id, old.creator_id, old.rank, old.tier_name, old.starts_at, old.ends_at, old.revoked_at)
               IS DISTINCT FROM (excluded.user_id, excluded.creator_id, excluded.rank, excluded.tier_name,
                                 excluded.starts_at, excluded.ends_at, NULL)
           RETURNING user_id, creator_id""",
        [new_id() for _ in wanted], [each.user_id for each in wanted], [each.creator_id for each in wanted],
        [each.rank for each in wanted], [each.source for each in wanted], [each.source_id for each in wanted],
        [each.tier_name for each in wanted], [each.starts_at for each in wanted], [each.ends_at for each in wanted],
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def end(tx: Writer, source: Source, source_id: UUID, at: datetime, why: str) -> list[tuple[UUID, UUID]]:
    """The users and creators that it concerned. Index: entitlements_source_key."""
    rows = await tx.fetch(
        """UPDATE entitlements SET revoked_at = $3, revoked_why = $4
           WHERE source = $1 AND source_id = $2 AND revoked_at IS NULL RETURNING user_id, creator_id""",
        source, source_id, at, why,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def end_all(
    tx: Writer, sources: Sequence[tuple[Source, UUID]], at: datetime, why: str
) -> list[tuple[UUID, UUID]]:
    """As `end`, of many sources."""
    rows = await tx.fetch(
        """UPDATE entitlements e SET revoked_at = $3, revoked_why = $4
             FROM unnest($1::text[], $2::uuid[]) AS s (source, id)
            WHERE e.source = s.source AND e.source_id = s.id AND e.revoked_at IS NULL RETURNING e.user_id, e.creator_id""",
        [each[0] for each in sources], [each[1] for each in sources], at, why,
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


async def live_with(reader: Reader, pairs: Sequence[Pair], now: datetime, most: int) -> dict[Pair, list[Reason]]:
    """As `live`, of many people and pages at once. Index: entitlements_of."""
    rows = await reader.fetch(
        f"""SELECT e.*, pair.user_id AS person FROM unnest($1::uuid[], $2::uuid[]) AS pair (user_id, creator_id) CROSS JOIN LATERAL (
                SELECT {_COLUMNS} FROM entitlements
                WHERE user_id = pair.user_id AND creator_id = pair.creator_id AND revoked_at IS NULL
                  AND (ends_at IS NULL OR ends_at > $3)
                ORDER BY scope = 'tier' DESC, starts_at DESC, id DESC LIMIT $4) e""",  # noqa: S608
        *_apart(pairs), now, most,
    )  # fmt: skip
    found: dict[Pair, list[Reason]] = {each: [] for each in pairs}
    for row in rows:
        found[row["person"], row[1]].append(_reason(row, now))
    return found


async def spans_before(
    reader: Reader, pairs: Sequence[Pair], now: datetime
) -> dict[Pair, list[tuple[datetime, datetime]]]:
    """When they were members by reasons that are over. Indexes: entitlements_of, entitlements_past."""
    rows = await reader.fetch(
        """SELECT pair.user_id, pair.creator_id, e.starts_at + e.away, least(e.ends_at, e.revoked_at)
             FROM unnest($1::uuid[], $2::uuid[]) AS pair (user_id, creator_id) CROSS JOIN LATERAL (
                SELECT starts_at, away, ends_at, revoked_at FROM entitlements
                WHERE user_id = pair.user_id AND creator_id = pair.creator_id AND scope = 'tier' AND revoked_at IS NOT NULL
                UNION ALL
                SELECT starts_at, away, ends_at, revoked_at FROM entitlements
                WHERE user_id = pair.user_id AND creator_id = pair.creator_id AND scope = 'tier' AND revoked_at IS NULL
                  AND ends_at <= $3) e""",
        *_apart(pairs), now,
    )  # fmt: skip
    found: dict[Pair, list[tuple[datetime, datetime]]] = {each: [] for each in pairs}
    for row in rows:
        found[row[0], row[1]].append((row[2], row[3]))
    return found


async def audience(reader: Reader, need: Need, now: datetime, after: UUID | None, most: int) -> list[UUID]:
    """Who may see it by being a member or by following, in the order of their ids; not the team, and nobody for what is sold.
    Indexes: entitlements_audience, follows_audience."""
    sql = f"SELECT user_id FROM ({_AUDIENCE}) someone WHERE $5::uuid IS NULL OR user_id > $5 ORDER BY user_id LIMIT $6"  # noqa: S608
    return [row[0] for row in await reader.fetch(sql, *_asked(need, now), after, most)]


async def coming_of_age(
    reader: Reader, need: Need, now: datetime, back: timedelta, after: UUID | None, most: int
) -> list[UUID]:
    """Whose membership may lately have reached the age that is needed: by its own beginning, or with what they had before. Whether it
    has says the decision. Indexes: entitlements_coming_of_age, entitlements_past."""
    reached = now - timedelta(days=need.drip_days)
    rows = await reader.fetch(
        """SELECT DISTINCT user_id FROM (
               SELECT user_id FROM entitlements
               WHERE creator_id = $1 AND scope = 'tier' AND revoked_at IS NULL AND away = '0' AND starts_at BETWEEN $2 AND $3
                 AND rank >= $4 AND (ends_at IS NULL OR ends_at > $5)
               UNION ALL
               SELECT e.user_id FROM entitlements e
               WHERE e.creator_id = $1 AND e.scope = 'tier' AND e.revoked_at IS NULL AND e.rank >= $4
                 AND (e.ends_at IS NULL OR e.ends_at > $5)
                 AND (e.away <> '0' OR EXISTS (SELECT 1 FROM entitlements o WHERE o.user_id = e.user_id AND o.creator_id = $1
                                               AND o.scope = 'tier' AND o.id <> e.id))
           ) someone WHERE $6::uuid IS NULL OR user_id > $6 ORDER BY user_id LIMIT $7""",
        need.creator_id, reached - back, reached, need.min_rank or 0, now, after, most,
    )  # fmt: skip
    return [row[0] for row in rows]


async def audience_size(reader: Reader, need: Need, now: datetime) -> int:
    sql = f"SELECT count(*) FROM ({_AUDIENCE}) someone"  # noqa: S608
    return int(await reader.fetch_value(sql, *_asked(need, now)))


def _asked(need: Need, now: datetime) -> tuple[object, ...]:
    members = need.access in ("public", "followers", "members", "rank")
    return (need.creator_id, now, (need.min_rank or 0) if members else None, need.access in ("public", "followers"))


async def holdings(reader: Reader, user_id: UUID, now: datetime, most: int) -> list[Holding]:
    """Over all pages, what begins last first. Index: entitlements_of."""
    rows = await reader.fetch(
        """SELECT creator_id, rank, object_id, tier_name FROM entitlements
           WHERE user_id = $1 AND revoked_at IS NULL AND starts_at <= $2 AND (ends_at IS NULL OR ends_at > $2)
           ORDER BY starts_at DESC LIMIT $3""",
        user_id, now, most,
    )  # fmt: skip
    return [Holding(creator_id=row[0], rank=row[1], object_id=row[2], tier_name=row[3]) for row in rows]


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


def _apart(pairs: Sequence[Pair]) -> tuple[list[UUID], list[UUID]]:
    return [user_id for user_id, _ in pairs], [creator_id for _, creator_id in pairs]


def _reason(row: Row, now: datetime) -> Reason:
    started, ends, revoked = row[8], row[9], row[10]
    return Reason(
        id=row[0], creator_id=row[1], scope=row[2], rank=row[3], object_id=row[4], source=row[5], source_id=row[6],
        tier_name=row[7], starts_at=started, ends_at=ends, revoked_at=revoked, revoked_why=row[11],
        live=revoked is None and started <= now and (ends is None or now < ends), away=row[12],
    )  # fmt: skip


def _difference(row: Row) -> Difference:
    return Difference(
        user_id=row[0], creator_id=row[1], source=row[2], source_id=row[3], scope=row[4], object_id=row[5],
        claimed=Claim(row[7], row[8], row[9], row[14]) if row[6] else None,
        kept=Claim(row[11], row[12], row[13], row[15]) if row[10] else None,
    )  # fmt: skip
