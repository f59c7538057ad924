"""`post_revisions`: what a post said."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.content.models import Post, Revision, Words, words_of


async def keep(tx: Writer, post: Post, by_user: UUID | None, at: datetime) -> None:
    """Twice the same revision is once."""
    await tx.execute(
        """INSERT INTO post_revisions (post_id, revision, at, by_user, words) VALUES ($1, $2, $3, $4, $5::jsonb)
           ON CONFLICT (post_id, revision) DO NOTHING""",
        post.id, post.revision, at, by_user, msgspec.json.encode(words_of(post)).decode(),
    )  # fmt: skip


async def of_post(reader: Reader, post_id: UUID, most: int) -> list[Revision]:
    """The newest first."""
    rows = await reader.fetch(
        "SELECT post_id, revision, at, by_user, words FROM post_revisions WHERE post_id = $1 ORDER BY revision DESC LIMIT $2",
        post_id, most,
    )  # fmt: skip
    return [
        Revision(post_id=row[0], revision=row[1], at=row[2], by_user=row[3], words=msgspec.json.decode(row[4], type=Words))
        for row in rows
    ]  # fmt: skip


async def forget_author(tx: Writer, user_id: UUID) -> None:
    await tx.execute("UPDATE post_revisions SET by_user = NULL WHERE by_user = $1", user_id)
