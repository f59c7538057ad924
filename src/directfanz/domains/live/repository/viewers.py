"""`stream_viewers`, `stream_samples` and `stream_reminders`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.live.models import Figures, Sample


async def seen(
    tx: Writer, stream_id: UUID, viewer: str, user_id: UUID | None, source: str, now: datetime, most_seconds: int
) -> int:
    """What passed since they were seen last counts as watched, unless it is too much to be one sitting. Answers those seconds."""
    watched = await tx.fetch_value(
        """WITH before AS (SELECT last_at FROM stream_viewers WHERE stream_id = $1 AND viewer = $2)
           INSERT INTO stream_viewers AS v (stream_id, viewer, user_id, source, first_at, last_at) VALUES ($1, $2, $3, $4, $5, $5)
           ON CONFLICT (stream_id, viewer) DO UPDATE SET last_at = $5, seconds = v.seconds +
               CASE WHEN $5 - v.last_at <= make_interval(secs => $6) THEN extract(epoch FROM $5 - v.last_at)::int ELSE 0 END
           RETURNING coalesce((SELECT CASE WHEN $5 - last_at <= make_interval(secs => $6)
                                           THEN extract(epoch FROM $5 - last_at)::int ELSE 0 END FROM before), 0)""",
        stream_id, viewer, user_id, source, now, most_seconds,
    )  # fmt: skip
    return int(watched)


async def to_sample(reader: Reader) -> list[UUID]:
    """Index: streams_running."""
    return [row[0] for row in await reader.fetch("SELECT id FROM streams WHERE state IN ('live', 'reconnecting')")]


async def keep_sample(tx: Writer, stream_id: UUID, sample: Sample) -> bool:
    """False when this minute is kept already."""
    kept = await tx.execute(
        """INSERT INTO stream_samples (stream_id, at, viewers, messages, tips, tipped) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (stream_id, at) DO NOTHING""",
        stream_id, sample.at, sample.viewers, sample.messages, sample.tips, sample.tipped,
    )  # fmt: skip
    return kept == 1


async def watched_in(tx: Writer, stream_id: UUID, rendition: str, seconds: int) -> None:
    await tx.execute(
        """INSERT INTO stream_rendition_seconds AS r (stream_id, rendition, seconds) VALUES ($1, $2, $3)
           ON CONFLICT (stream_id, rendition) DO UPDATE SET seconds = r.seconds + $3""",
        stream_id, rendition, seconds,
    )  # fmt: skip


async def watching(reader: Reader, stream_ids: list[UUID], since: datetime) -> dict[UUID, int]:
    """Index: stream_viewers_now."""
    rows = await reader.fetch(
        "SELECT stream_id, count(*) FROM stream_viewers WHERE stream_id = ANY($1) AND last_at > $2 GROUP BY stream_id",
        stream_ids, since,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def samples(reader: Reader, stream_id: UUID, most: int) -> list[Sample]:
    rows = await reader.fetch(
        """SELECT at, viewers, messages, tips, tipped FROM stream_samples
           WHERE stream_id = $1 ORDER BY at DESC LIMIT $2""",
        stream_id, most,
    )  # fmt: skip
    return [Sample(*row) for row in reversed(rows)]


async def figures(reader: Reader, stream_id: UUID) -> Figures:
    row = await reader.fetch_row(
        """SELECT count(*), coalesce(sum(seconds), 0),
                  (SELECT coalesce(max(viewers), 0) FROM stream_samples WHERE stream_id = $1)
           FROM stream_viewers WHERE stream_id = $1""",
        stream_id,
    )
    assert row is not None  # sums always have one
    sources = await reader.fetch(
        """SELECT source, count(*) FROM stream_viewers WHERE stream_id = $1 GROUP BY source ORDER BY count(*) DESC LIMIT 10""",
        stream_id,
    )
    renditions = await reader.fetch(
        "SELECT rendition, seconds FROM stream_rendition_seconds WHERE stream_id = $1 ORDER BY seconds DESC LIMIT 20",
        stream_id,
    )
    return Figures(
        people=row[0], seconds=row[1], most_at_once=row[2], sources=[(each[0], each[1]) for each in sources],
        renditions=[(each[0], each[1]) for each in renditions],
    )  # fmt: skip


async def retention(reader: Reader, stream_id: UUID, steps: list[int]) -> list[int]:
    """How many watched at least so many seconds, for each step."""
    rows = await reader.fetch(
        """SELECT (SELECT count(*) FROM stream_viewers v WHERE v.stream_id = $1 AND v.seconds >= step)
           FROM unnest($2::int[]) WITH ORDINALITY AS s(step, place) ORDER BY place""",
        stream_id, steps,
    )  # fmt: skip
    return [row[0] for row in rows]


async def remind(tx: Writer, stream_id: UUID, user_id: UUID, now: datetime) -> None:
    await tx.execute(
        "INSERT INTO stream_reminders (stream_id, user_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        stream_id, user_id, now,
    )  # fmt: skip


async def forget_reminder(tx: Writer, stream_id: UUID, user_id: UUID) -> None:
    await tx.execute("DELETE FROM stream_reminders WHERE stream_id = $1 AND user_id = $2", stream_id, user_id)


async def is_reminded(reader: Reader, stream_id: UUID, user_id: UUID) -> bool:
    sql = "SELECT true FROM stream_reminders WHERE stream_id = $1 AND user_id = $2"
    return bool(await reader.fetch_value(sql, stream_id, user_id))


async def audience(reader: Reader, stream_id: UUID, creator_id: UUID, after: UUID, most: int) -> list[UUID]:
    """Those who asked for it, follow, or are members, each once, in the order of their ids."""
    rows = await reader.fetch(
        """SELECT user_id FROM (
               (SELECT user_id FROM stream_reminders WHERE stream_id = $1 AND user_id > $3 ORDER BY user_id LIMIT $4)
               UNION
               (SELECT user_id FROM follows WHERE creator_id = $2 AND user_id > $3 ORDER BY user_id LIMIT $4)
               UNION
               (SELECT DISTINCT user_id FROM entitlements WHERE creator_id = $2 AND user_id > $3 AND scope = 'tier'
                  AND revoked_at IS NULL ORDER BY user_id LIMIT $4)
           ) AS people ORDER BY user_id LIMIT $4""",
        stream_id, creator_id, after, most,
    )  # fmt: skip
    return [row[0] for row in rows]


async def of_person(reader: Reader, user_id: UUID) -> list[tuple[UUID, datetime, int]]:
    rows = await reader.fetch(
        "SELECT stream_id, first_at, seconds FROM stream_viewers WHERE user_id = $1 ORDER BY first_at", user_id
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def forget(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM stream_reminders WHERE user_id = $1", user_id)
    await tx.execute(
        "UPDATE stream_viewers SET user_id = NULL, viewer = 'x' || substr(md5(random()::text), 1, 30) WHERE user_id = $1",
        user_id,
    )
