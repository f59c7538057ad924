"""Pages and people who are kept apart. It works both ways, whoever began: no following, joining, buying or speaking; and what is
public of the page is not shown to them while they are signed in. What somebody has paid for stays theirs.

`community.service.blocks` is where a block is made, with all that follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.errors import KeptApart
from directfanz.domains.creators.repository import blocks

__all__ = ["apart_among", "kept_apart", "require_together"]


async def apart_among(reader: Reader, user_id: UUID, creator_ids: Sequence[UUID]) -> set[UUID]:
    """From which of these pages they are kept apart, in one question."""
    return await blocks.apart_among(reader, user_id, creator_ids) if creator_ids else set()


async def require_together(reader: Reader, user_id: UUID, creator_id: UUID) -> None:
    found = await blocks.of_pair(reader, creator_id, user_id)
    if any(each.by == "person" for each in found):
        raise KeptApart("You blocked this page. Unblock it under Settings, Blocked, to do this.")
    if found:
        raise kept_apart()


def kept_apart() -> KeptApart:
    return KeptApart("This page does not want to be in touch with you. What you have paid for stays yours.")
