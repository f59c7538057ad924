"""`notification_preferences` and `notification_settings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.notifications.kinds import Channel
from directfanz.domains.notifications.models import Listener, Rhythm

_RHYTHM = "quiet_from, quiet_to, digest, digest_at, digest_weekday"


async def chosen(reader: Reader, user_id: UUID) -> Mapping[tuple[str, Channel], bool]:
    rows = await reader.fetch("SELECT kind, channel, wanted FROM notification_preferences WHERE user_id = $1", user_id)
    return {(row[0], row[1]): row[2] for row in rows}


async def choose(tx: Writer, user_id: UUID, kind: str, channel: Channel, wanted: bool) -> None:
    await tx.execute(
        """INSERT INTO notification_preferences (user_id, kind, channel, wanted) VALUES ($1, $2, $3, $4)
           ON CONFLICT (user_id, kind, channel) DO UPDATE SET wanted = excluded.wanted""",
        user_id, kind, channel, wanted,
    )  # fmt: skip


async def listeners(reader: Reader, user_ids: Sequence[UUID], kind: str) -> list[Listener]:
    """How each wants to be told this kind, and whether a browser of theirs listens. One question for a thousand people."""
    rows = await reader.fetch(
        f"""SELECT u.id, {_RHYTHM},
                  EXISTS (SELECT FROM push_subscriptions b WHERE b.user_id = u.id) AS has_browser,
                  (SELECT jsonb_object_agg(p.channel, p.wanted)::text FROM notification_preferences p
                   WHERE p.user_id = u.id AND p.kind = $2) AS chosen
            FROM unnest($1::uuid[]) AS u (id) LEFT JOIN notification_settings s ON s.user_id = u.id""",  # noqa: S608
        user_ids, kind,
    )  # fmt: skip
    return [
        Listener(
            user_id=row[0], rhythm=_rhythm(row) if row["digest"] is not None else None, has_browser=row["has_browser"],
            chosen=msgspec.json.decode(row["chosen"] or "{}"),
        )
        for row in rows
    ]  # fmt: skip


async def rhythm_of(reader: Reader, user_id: UUID) -> Rhythm | None:
    row = await reader.fetch_row(f"SELECT {_RHYTHM} FROM notification_settings WHERE user_id = $1", user_id)  # noqa: S608
    return _rhythm(row) if row else None


async def keep_rhythm(tx: Writer, user_id: UUID, rhythm: Rhythm) -> None:
    await tx.execute(
        f"""INSERT INTO notification_settings (user_id, {_RHYTHM}) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (user_id) DO UPDATE SET quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to,
                digest = excluded.digest, digest_at = excluded.digest_at, digest_weekday = excluded.digest_weekday""",  # noqa: S608
        user_id, rhythm.quiet_from, rhythm.quiet_to, rhythm.digest, rhythm.digest_at, rhythm.digest_weekday,
    )  # fmt: skip


async def remove_all(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM notification_preferences WHERE user_id = $1", user_id)
    await tx.execute("DELETE FROM notification_settings WHERE user_id = $1", user_id)


def _rhythm(row: Row) -> Rhythm:
    return Rhythm(
        quiet_from=row["quiet_from"], quiet_to=row["quiet_to"], digest=row["digest"], digest_at=row["digest_at"],
        digest_weekday=row["digest_weekday"],
    )  # fmt: skip
