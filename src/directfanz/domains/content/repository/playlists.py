"""`playlists` and `playlist_items`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Row, Writer
from directfanz.domains.content.models import Playlist

_COLUMNS = ", ".join(Playlist.__struct_fields__)


async def insert(tx: Writer, made: Playlist) -> None:
    await tx.execute(
        "INSERT INTO playlists (id, user_id, title, shared, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        made.id, made.user_id, made.title, made.shared, made.created_at,
    )  # fmt: skip


async def change(tx: Writer, playlist_id: UUID, title: str, shared: bool, now: datetime) -> None:
    sql = "UPDATE playlists SET title = $2, shared = $3, updated_at = $4 WHERE id = $1"
    await tx.execute(sql, playlist_id, title, shared, now)


async def remove(tx: Writer, playlist_id: UUID) -> None:
    await tx.execute("DELETE FROM playlists WHERE id = $1", playlist_id)


async def find(reader: Reader, playlist_id: UUID) -> Playlist | None:
    row = await reader.fetch_row(f"SELECT {_COLUMNS} FROM playlists WHERE id = $1", playlist_id)  # noqa: S608
    return _playlist(row) if row else None


async def lock(tx: Writer, playlist_id: UUID) -> Playlist | None:
    """So that two who add at once do not take the same place."""
    row = await tx.fetch_row(f"SELECT {_COLUMNS} FROM playlists WHERE id = $1 FOR NO KEY UPDATE", playlist_id)  # noqa: S608
    return _playlist(row) if row else None


async def of_user(reader: Reader, user_id: UUID) -> list[Playlist]:
    """The last changed first. Index: playlists_of."""
    sql = f"SELECT {_COLUMNS} FROM playlists WHERE user_id = $1 ORDER BY updated_at DESC, id DESC LIMIT 200"  # noqa: S608
    return [_playlist(row) for row in await reader.fetch(sql, user_id)]


async def posts_in(reader: Reader, playlist_id: UUID) -> list[UUID]:
    """In their order."""
    sql = "SELECT post_id FROM playlist_items WHERE playlist_id = $1 ORDER BY position"
    return [row[0] for row in await reader.fetch(sql, playlist_id)]


async def holding(reader: Reader, user_id: UUID, post_id: UUID) -> set[UUID]:
    """Which of somebody's playlists hold a post. Index: playlist_items_of."""
    rows = await reader.fetch(
        """SELECT i.playlist_id FROM playlist_items i JOIN playlists p ON p.id = i.playlist_id
           WHERE i.post_id = $2 AND p.user_id = $1""",
        user_id, post_id,
    )  # fmt: skip
    return {row[0] for row in rows}


async def set_posts(tx: Writer, playlist_id: UUID, post_ids: Sequence[UUID], now: datetime) -> None:
    """In this order, and no others."""
    await tx.execute(
        "DELETE FROM playlist_items WHERE playlist_id = $1 AND NOT post_id = ANY($2)", playlist_id, list(post_ids)
    )
    await tx.execute(
        """INSERT INTO playlist_items (playlist_id, post_id, position, added_at)
           SELECT $1, post_id, place - 1, $3 FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted (post_id, place)
           ON CONFLICT (playlist_id, post_id) DO UPDATE SET position = excluded.position""",
        playlist_id, list(post_ids), now,
    )  # fmt: skip
    await tx.execute("UPDATE playlists SET updated_at = $2 WHERE id = $1", playlist_id, now)


async def remove_all_of(tx: Writer, user_id: UUID) -> None:
    await tx.execute("DELETE FROM playlists WHERE user_id = $1", user_id)


def _playlist(row: Row) -> Playlist:
    return Playlist(**dict(row))
