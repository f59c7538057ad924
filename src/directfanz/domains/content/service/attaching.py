"""The files of posts: put there by the team, found with the posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.content.models import LONGEST_CAPTION, MOST_ASSETS, Attachment, Locked, Post, PostAsset
from directfanz.domains.content.repository import attachments
from directfanz.domains.media.service import library
from directfanz.errors import InvalidInput
from directfanz.http.shown import some_lines


async def put(tx: Writer, post: Post, wanted: Sequence[Attachment]) -> None:
    """Only files of the page itself; those not ready yet may be put there already."""
    if len(wanted) > MOST_ASSETS:
        raise InvalidInput.in_field("assets", f"A post holds at most {MOST_ASSETS} files.")
    if len({each.asset_id for each in wanted}) < len(wanted):
        raise InvalidInput.in_field("assets", "Each file is there once.")
    found = {each.id: each for each in await library.by_ids(tx, [each.asset_id for each in wanted])}
    for each in wanted:
        if each.asset_id not in found or found[each.asset_id].creator_id != post.creator_id:
            raise InvalidInput.in_field("assets", "There is no such file in the library, or not any more.")
    await attachments.set_of(tx, post.id, [_checked(each) for each in wanted])


async def of_posts(reader: Reader, post_ids: Sequence[UUID]) -> dict[UUID, list[PostAsset]]:
    """Removed files are not there."""
    rows = await attachments.of_posts(reader, post_ids) if post_ids else {}
    wanted = {each.asset_id for listed in rows.values() for each in listed}
    found = {each.id: each for each in await library.by_ids(reader, wanted)}
    return {
        post_id: [
            PostAsset(asset=found[each.asset_id], caption=each.caption, alt=each.alt) for each in listed if each.asset_id in found
        ]
        for post_id, listed in rows.items()
    }  # fmt: skip


def locked(held: Sequence[PostAsset]) -> Locked:
    """No name, no words, no address of a file: how many of which kind, and a few colours."""
    shown = next(
        (each.asset.facts["preview"] for each in held if isinstance(each.asset.facts.get("preview"), dict)), None
    )
    return Locked(kinds=Counter(each.asset.kind for each in held), preview=shown)


def _checked(each: Attachment) -> Attachment:
    return Attachment(
        asset_id=each.asset_id, caption=some_lines(each.caption, "assets", LONGEST_CAPTION),
        alt=some_lines(each.alt, "assets", LONGEST_CAPTION),
    )  # fmt: skip
