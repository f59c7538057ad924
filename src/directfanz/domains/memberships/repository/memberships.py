"""`memberships` and their history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.memberships.models import Happened, Membership
from directfanz.kit.ids import new_id

COLUMNS = ", ".join(Membership.__struct_fields__)
_PLACES = ", ".join(f"${place}" for place in range(1, len(Membership.__struct_fields__) + 1))
_CHANGING = [
    f"{name} = ${place}" for place, name in enumerate(Membership.__struct_fields__, 1)
    if name not in ("id", "user_id", "creator_id", "created_at")
]  # fmt: skip
_UPDATE = f"""UPDATE memberships SET {", ".join(_CHANGING)} WHERE id = $1 AND user_id = $2 AND creator_id = $3
    AND created_at = ${Membership.__struct_fields__.index("created_at") + 1}
    AND state = ${len(Membership.__struct_fields__) + 1}"""  # noqa: S608 - our own columns


async def insert(tx: Writer, row: Membership) -> None:
    """`memberships_one_live` and `memberships_one_joining` say no to a second one."""
    await tx.execute(f"INSERT INTO memberships ({COLUMNS}) VALUES ({_PLACES})", *_values(row))  # noqa: S608


async def update(tx: Writer, old: Membership, new: Membership) -> bool:
    """False when the row is not in the state that was read."""
    return await tx.execute(_UPDATE, *_values(new), old.state) == 1


async def lock(tx: Writer, membership_id: UUID) -> Membership | None:
    """So that what a command asks for and what the provider tells are not written over each other."""
    return await _one(tx, "WHERE id = $1 FOR NO KEY UPDATE", membership_id)


async def lock_by_subscription(tx: Writer, subscription: str) -> Membership | None:
    return await _one(tx, "WHERE subscription = $1 FOR NO KEY UPDATE", subscription)


async def lock_of_pair(tx: Writer, user_id: UUID, creator_id: UUID) -> list[Membership]:
    """The live one and the one that is being paid for. Indexes: memberships_one_live, memberships_one_joining."""
    sql = f"""SELECT {COLUMNS} FROM memberships WHERE user_id = $1 AND creator_id = $2 AND state <> 'ended'
              ORDER BY id FOR NO KEY UPDATE"""  # noqa: S608
    return [membership_of(row) for row in await tx.fetch(sql, user_id, creator_id)]


async def find(reader: Reader, membership_id: UUID) -> Membership | None:
    return await _one(reader, "WHERE id = $1", membership_id)


async def find_live(reader: Reader, user_id: UUID, creator_id: UUID) -> Membership | None:
    """Index: memberships_one_live."""
    where = "WHERE user_id = $1 AND creator_id = $2 AND state NOT IN ('incomplete', 'ended')"
    return await _one(reader, where, user_id, creator_id)


async def of_user(reader: Reader, user_id: UUID) -> list[Membership]:
    """All that began, the newest first. Index: memberships_of."""
    sql = f"SELECT {COLUMNS} FROM memberships WHERE user_id = $1 AND started_at IS NOT NULL ORDER BY id DESC LIMIT 500"  # noqa: S608
    return [membership_of(row) for row in await reader.fetch(sql, user_id)]


async def was_member(reader: Reader, user_id: UUID, creator_id: UUID) -> bool:
    """At any time, by paying. Index: memberships_of."""
    sql = """SELECT true FROM memberships WHERE user_id = $1 AND creator_id = $2 AND started_at IS NOT NULL
             AND source = 'paid' LIMIT 1"""
    return bool(await reader.fetch_value(sql, user_id, creator_id))


async def by_subscriptions(reader: Reader, subscriptions: Sequence[str]) -> list[Membership]:
    sql = f"SELECT {COLUMNS} FROM memberships WHERE subscription = ANY($1)"  # noqa: S608
    return [membership_of(row) for row in await reader.fetch(sql, list(subscriptions))]


async def lock_by_subscriptions(tx: Writer, subscriptions: Sequence[str]) -> list[Membership]:
    """In the order of their ids, so that two stretches do not wait for each other crosswise."""
    sql = f"SELECT {COLUMNS} FROM memberships WHERE subscription = ANY($1) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
    return [membership_of(row) for row in await tx.fetch(sql, list(subscriptions))]


async def renew_all(tx: Writer, rows: Sequence[Membership]) -> int:
    """What a renewal changes, under the lock on each; how many rows there were."""
    return await tx.execute(
        """UPDATE memberships m SET card = n.card, period_start = n.s, period_end = n.e, grace_until = n.g, as_of = n.a
             FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
                  AS n (id, card, s, e, g, a)
            WHERE m.id = n.id AND m.state = 'active'""",
        [row.id for row in rows], [row.card for row in rows], [row.period_start for row in rows],
        [row.period_end for row in rows], [row.grace_until for row in rows], [row.as_of for row in rows],
    )  # fmt: skip


async def happened_all(tx: Writer, membership_ids: Sequence[UUID], at: datetime, kind: str, **facts: str) -> None:
    await tx.execute(
        """INSERT INTO membership_events (id, membership_id, at, kind, facts)
           SELECT id, m, $3, $4, $5::jsonb FROM unnest($1::uuid[], $2::uuid[]) AS e (id, m)""",
        [new_id() for _ in membership_ids], list(membership_ids), at, kind, msgspec.json.encode(facts).decode(),
    )  # fmt: skip


async def happened(
    tx: Writer, membership_id: UUID, at: datetime, kind: str, actor: UUID | None, facts: dict[str, Any]
) -> None:
    await tx.execute(
        "INSERT INTO membership_events (id, membership_id, at, kind, actor_id, facts) VALUES ($1, $2, $3, $4, $5, $6::jsonb)",
        new_id(), membership_id, at, kind, actor, msgspec.json.encode(facts).decode(),
    )  # fmt: skip


async def history(reader: Reader, membership_id: UUID) -> list[Happened]:
    """The newest first. Index: membership_events_of."""
    rows = await reader.fetch(
        """SELECT id, membership_id, at, kind, actor_id, facts FROM membership_events WHERE membership_id = $1
           ORDER BY id DESC LIMIT 500""",
        membership_id,
    )
    return [
        Happened(id=row[0], membership_id=row[1], at=row[2], kind=row[3], actor_id=row[4], facts=msgspec.json.decode(row[5]))
        for row in rows
    ]  # fmt: skip


def membership_of(row: Row) -> Membership:
    return Membership(**{name: row[name] for name in Membership.__struct_fields__})


async def _one(reader: Reader, where: str, *values: object) -> Membership | None:
    row = await reader.fetch_row(f"SELECT {COLUMNS} FROM memberships {where}", *values)  # noqa: S608
    return membership_of(row) if row else None


def _values(row: Membership) -> list[object]:
    return [getattr(row, name) for name in Membership.__struct_fields__]
