"""`post_assets`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.content.models import Attachment


async def of_posts(reader: Reader, post_ids: Sequence[UUID]) -> dict[UUID, list[Attachment]]:
    """In their order, of a page of posts in one question."""
    rows = await reader.fetch(
        "SELECT post_id, asset_id, caption, alt FROM post_assets WHERE post_id = ANY($1) ORDER BY post_id, position",
        list(post_ids),
    )
    found: dict[UUID, list[Attachment]] = {each: [] for each in post_ids}
    for row in rows:
        found[row[0]].append(Attachment(asset_id=row[1], caption=row[2], alt=row[3]))
    return found


async def set_of(tx: Writer, post_id: UUID, wanted: Sequence[Attachment]) -> None:
    """These, in this order, and no others."""
    ids = [each.asset_id for each in wanted]
    await tx.execute("DELETE FROM post_assets WHERE post_id = $1 AND NOT asset_id = ANY($2)", post_id, ids)
    await tx.execute(
        """INSERT INTO post_assets (post_id, asset_id, position, caption, alt)
           SELECT $1, asset_id, place - 1, caption, alt
           FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS wanted (asset_id, caption, alt, place)
           ON CONFLICT (post_id, asset_id) DO UPDATE
           SET position = excluded.position, caption = excluded.caption, alt = excluded.alt""",
        post_id, ids, [each.caption for each in wanted], [each.alt for each in wanted],
    )  # fmt: skip


async def posts_with(reader: Reader, asset_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Which posts show a file. Index: post_assets_of."""
    rows = await reader.fetch("SELECT asset_id, post_id FROM post_assets WHERE asset_id = ANY($1)", list(asset_ids))
    found: dict[UUID, list[UUID]] = {each: [] for each in asset_ids}
    for row in rows:
        found[row[0]].append(row[1])
    return found
