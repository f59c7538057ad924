"""`podcasts`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.discovery.models import PodcastFacts

_COLUMNS = "category, language, explicit, email, cover, side"


async def find(reader: Reader, creator_id: UUID) -> PodcastFacts | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM podcasts WHERE creator_id = $1", creator_id)  # noqa: S608
    return msgspec.convert(dict(row), PodcastFacts) if row else None


async def keep(tx: Writer, creator_id: UUID, facts: PodcastFacts, by: UUID, now: datetime) -> None:
    """All but the cover. The address is of whoever gave it, also when somebody else changes the rest."""
    await tx.execute(
        """INSERT INTO podcasts AS p (creator_id, category, language, explicit, email, told_by, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (creator_id) DO UPDATE SET category = $2, language = $3, explicit = $4, email = $5, updated_at = $7,
               told_by = CASE WHEN p.email = $5 AND p.told_by IS NOT NULL THEN p.told_by ELSE $6 END""",
        creator_id, facts.category, facts.language, facts.explicit, facts.email, by, now,
    )  # fmt: skip


async def set_cover(tx: Writer, creator_id: UUID, cover: str | None, side: int | None, now: datetime) -> str | None:
    """What was the cover before."""
    before = await tx.fetch_value("SELECT cover FROM podcasts WHERE creator_id = $1 FOR UPDATE", creator_id)
    await tx.execute(
        """INSERT INTO podcasts (creator_id, cover, side, updated_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (creator_id) DO UPDATE SET cover = $2, side = $3, updated_at = $4""",
        creator_id, cover, side, now,
    )  # fmt: skip
    return str(before) if before else None


async def cover_in_use(reader: Reader, cover: str) -> bool:
    """Index: podcasts_covers."""
    return bool(await reader.fetch_value("SELECT EXISTS (SELECT 1 FROM podcasts WHERE cover = $1)", cover))


async def told_by(reader: Reader, user_id: UUID) -> list[tuple[UUID, str]]:
    """Pages whose address for directories somebody gave. Index: podcasts_told_by."""
    rows = await reader.fetch("SELECT creator_id, email FROM podcasts WHERE told_by = $1", user_id)
    return [(row[0], row[1]) for row in rows]


async def forget_person(tx: Writer, user_id: UUID) -> None:
    await tx.execute("UPDATE podcasts SET email = '', told_by = NULL WHERE told_by = $1", user_id)
