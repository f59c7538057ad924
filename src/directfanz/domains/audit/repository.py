from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.audit.models import Entry, Seal, Wanted

_COLUMNS = "position, at, actor, action, target, request_id, facts"
_LAST = 2**63 - 1
_AFTER_ALL = "\U0010ffff"
# By the beginning of an action, however rare or common it is: the few actions that begin so are found by hopping along the
# index, and each gives its newest entries. A LIKE would read either all entries or all that match.
_OF_ACTIONS = f"""
WITH RECURSIVE named AS (
    (SELECT action FROM audit_log WHERE action ~>=~ $3 AND action ~<~ $4 ORDER BY action USING ~<~ LIMIT 1)
    UNION ALL
    SELECT (SELECT l.action FROM audit_log l WHERE l.action ~>~ named.action AND l.action ~<~ $4
            ORDER BY l.action USING ~<~ LIMIT 1)
      FROM named WHERE named.action IS NOT NULL
)
SELECT {_COLUMNS} FROM audit_log WHERE position IN (
    SELECT newest.position FROM named CROSS JOIN LATERAL (
        SELECT l.position FROM audit_log l WHERE l.action = named.action AND l.position < $1
         ORDER BY l.position DESC LIMIT $2
    ) AS newest WHERE named.action IS NOT NULL ORDER BY newest.position DESC LIMIT $2
) ORDER BY position DESC
"""  # noqa: S608


async def insert(
    tx: Writer, actor: UUID | None, action: str, target: UUID | None, request_id: str | None, facts: bytes
) -> None:
    """Position, time and seal are the database's (trigger audit_log_seal)."""
    await tx.execute(
        "INSERT INTO audit_log (actor, action, target, request_id, facts) VALUES ($1, $2, $3, $4, $5::jsonb)",
        actor, action, target, request_id, facts.decode(),
    )  # fmt: skip


async def newest(reader: Reader, wanted: Wanted, before: int | None, limit: int) -> list[Entry]:
    """Newest first. Indexes: audit_log_of_target and _of_actor, _of_action, or the key."""
    if wanted.action and wanted.subject is None:
        rows = await reader.fetch(_OF_ACTIONS, before or _LAST, limit, wanted.action, wanted.action + _AFTER_ALL)
        return [_entry(row) for row in rows]
    conditions = ["position < $1"]
    values: list[object] = [before or _LAST, limit]
    if wanted.subject is not None:
        values.append(wanted.subject)
        conditions.append(f"(target = ${len(values)} OR actor = ${len(values)})")
    if wanted.action:
        values.append(wanted.action)
        conditions.append(f"starts_with(action, ${len(values)})")
    sql = f"SELECT {_COLUMNS} FROM audit_log WHERE {' AND '.join(conditions)} ORDER BY position DESC LIMIT $2"  # noqa: S608
    return [_entry(row) for row in await reader.fetch(sql, *values)]


async def about(reader: Reader, person: UUID) -> list[Entry]:
    """All that was done by or to somebody, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM audit_log WHERE target = $1 OR actor = $1 ORDER BY position"  # noqa: S608
    return [_entry(row) for row in await reader.fetch(sql, person)]


async def end(reader: Reader) -> Seal | None:
    row = await reader.fetch_row("SELECT position, hash FROM audit_log ORDER BY position DESC LIMIT 1")
    return Seal(row[0], row[1].hex()) if row else None


async def seal_at(reader: Reader, position: int) -> Seal | None:
    row = await reader.fetch_row("SELECT position, hash FROM audit_log WHERE position = $1", position)
    return Seal(row[0], row[1].hex()) if row else None


async def first_break(reader: Reader, after: int, upto: int) -> int | None:
    """The first position in a stretch that is missing, altered or out of order. One pass along the key."""
    found: int | None = await reader.fetch_value(
        """SELECT min(place) FROM (
               SELECT coalesce(position, place) AS place,
                      position IS NULL
                      OR hash IS DISTINCT FROM
                         audit_hash(position, at, actor, action, target, request_id, facts, previous)
                      OR (place > 1 AND previous IS DISTINCT FROM lag(hash) OVER (ORDER BY place) AND place > $1 + 1)
                      OR (place = 1 AND previous <> sha256('')) AS broken
               FROM generate_series($1::bigint + 1, $2::bigint) AS place
               LEFT JOIN audit_log ON position = place
               UNION ALL
               SELECT l.position, true FROM audit_log l JOIN audit_log b ON b.position = $1
               WHERE l.position = $1 + 1 AND l.previous <> b.hash
           ) AS stretch WHERE broken""",
        after, upto,
    )  # fmt: skip
    return found


def _entry(row: Row) -> Entry:
    return Entry(
        position=row[0], at=row[1], actor=row[2], action=row[3], target=row[4], request_id=row[5],
        facts=msgspec.json.decode(row[6]),
    )  # fmt: skip
