"""Finding pages. What is found may be a draft or suspended: who faces the public asks `is_public`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.errors import NoSuchCreator
from directfanz.domains.creators.models import Creator, Link, TeamRole
from directfanz.domains.creators.repository import pages, team

LONGEST_ASKED = 64


async def by_slug(reader: Reader, slug: str) -> Creator:
    """By the slug of today, or one of before: then `slug` differs, and the caller redirects."""
    return _there(await pages.find_by_slug(reader, slug.strip().lower()[:LONGEST_ASKED]))


async def by_id(reader: Reader, creator_id: UUID) -> Creator:
    return _there(await pages.find(reader, creator_id))


async def by_id_even_closed(reader: Reader, creator_id: UUID) -> Creator:
    """For what is told of the past: a page that is closed still has its name."""
    found = await pages.find(reader, creator_id)
    if found is None:
        raise no_such_creator()
    return found


async def public_among(reader: Reader, creator_ids: Sequence[UUID]) -> dict[UUID, Creator]:
    """Those of these pages that everybody may see."""
    found = await pages.these(reader, creator_ids) if creator_ids else []
    return {each.id: each for each in found if each.is_public}


async def by_ids_even_closed(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Creator]:
    return {each.id: each for each in await pages.these(reader, ids)}


async def public_by_slug(reader: Reader, slug: str) -> Creator:
    """As a stranger finds it: a page that is not published is not there."""
    found = await by_slug(reader, slug)
    if not found.is_public:
        raise no_such_creator()
    return found


async def owner_of(reader: Reader, creator_id: UUID) -> UUID:
    owner = await team.owner_of(reader, creator_id)
    if owner is None:
        raise no_such_creator()
    return owner


async def of_user(reader: Reader, user_id: UUID) -> list[tuple[Creator, TeamRole]]:
    """The pages in whose team they are, their own first."""
    return await team.of_user(reader, user_id)


async def links_of(reader: Reader, creator_id: UUID) -> list[Link]:
    return await pages.links_of(reader, creator_id)


async def newest_published(reader: Reader, before: UUID | None, limit: int) -> list[Creator]:
    return await pages.newest_published(reader, before, limit)


def no_such_creator() -> NoSuchCreator:
    return NoSuchCreator("There is no page at this address.")


def _there(found: Creator | None) -> Creator:
    if found is None or found.state == "closed":
        raise no_such_creator()
    return found
