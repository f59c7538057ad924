"""Following a page: free, and ended as easily as begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.repository import follows, pages
from directfanz.domains.creators.service import blocking
from directfanz.domains.creators.service.lookup import no_such_creator
from directfanz.http.caller import Caller


async def follow(backends: Backends, caller: Caller, creator_id: UUID) -> None:
    """Twice is as good as once."""
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        creator = await pages.find(tx, creator_id)
        if creator is None or not creator.is_public:
            raise no_such_creator()
        await blocking.require_together(tx, user_id, creator_id)
        await follows.follow(tx, user_id, creator_id, backends.clock.now())


async def unfollow(backends: Backends, caller: Caller, creator_id: UUID) -> None:
    """Also of a page that is not seen any more."""
    async with backends.database.writing() as tx:
        await follows.unfollow(tx, caller.require_user(), creator_id)


async def does_follow(reader: Reader, caller: Caller, creator_id: UUID) -> bool:
    return caller.user_id is not None and await follows.does_follow(reader, caller.user_id, creator_id)


async def followed_among(
    reader: Reader, user_ids: Sequence[UUID], creator_ids: Sequence[UUID]
) -> set[tuple[UUID, UUID]]:
    """Who of these people follows which of these pages."""
    return await follows.followed_among(reader, user_ids, creator_ids)


async def followed_ids(reader: Reader, user_id: UUID, most: int) -> list[UUID]:
    """The newest first, of whatever state the page is."""
    return await follows.newest_followed(reader, user_id, most)


async def count(reader: Reader, creator_id: UUID) -> int:
    return await follows.count(reader, creator_id)


async def followed_by(
    reader: Reader, caller: Caller, before: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[Creator, datetime]]:
    """The pages somebody follows, the newest first, each with since when."""
    return await follows.followed_by(reader, caller.require_user(), before, limit)
