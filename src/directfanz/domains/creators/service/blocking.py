"""Pages and people who are kept apart. It works both ways, whoever began: no following, joining, buying or speaking; and what is
public of the page is not shown to them while they are signed in. What somebody has paid for stays theirs.

`community.service.blocks` is where a block is made, with all that follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.creators.errors import KeptApart
from directfanz.domains.creators.models import BlockedBy, PageBlock
from directfanz.domains.creators.repository import blocks, follows

__all__ = ["apart_among", "apart_from_page", "by_page", "by_person", "kept_apart", "lift", "put", "require_together"]


async def apart_among(reader: Reader, user_id: UUID, creator_ids: Sequence[UUID]) -> set[UUID]:
    """From which of these pages they are kept apart, in one question."""
    return await blocks.apart_among(reader, user_id, creator_ids) if creator_ids else set()


async def apart_from_page(reader: Reader, creator_id: UUID, user_ids: Sequence[UUID]) -> set[UUID]:
    """Who of these people is kept apart from the page."""
    return await blocks.apart_from_page(reader, creator_id, user_ids)


async def require_together(reader: Reader, user_id: UUID, creator_id: UUID) -> None:
    found = await blocks.of_pair(reader, creator_id, user_id)
    if any(each.by == "person" for each in found):
        raise KeptApart("You blocked this page. Unblock it under Settings, Blocked, to do this.")
    if found:
        raise kept_apart()


def kept_apart() -> KeptApart:
    return KeptApart("This page does not want to be in touch with you. What you have paid for stays yours.")


async def put(
    tx: Writer, creator_id: UUID, user_id: UUID, by: BlockedBy, by_user: UUID | None, reason: str, now: datetime
) -> bool:
    """They follow no more. False when it was so already."""
    await follows.unfollow(tx, user_id, creator_id)
    return await blocks.put(tx, PageBlock(creator_id, user_id, by, reason, now), by_user)


async def lift(tx: Writer, creator_id: UUID, user_id: UUID, by: BlockedBy) -> bool:
    """Only what this side asked for."""
    return await blocks.lift(tx, creator_id, user_id, by)


async def by_page(reader: Reader, creator_id: UUID, before: datetime | None, limit: int) -> list[PageBlock]:
    return await blocks.by_page(reader, creator_id, before, limit)


async def by_person(reader: Reader, user_id: UUID) -> list[PageBlock]:
    return await blocks.by_person(reader, user_id)
