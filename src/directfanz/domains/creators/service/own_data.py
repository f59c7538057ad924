"""What this domain knows of a person, for their export; and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.service.contacts import contact_of
from directfanz.domains.creators.models import AVATAR_SIZES, BANNER_SIZES, picture_key
from directfanz.domains.creators.repository import blocks, follows, pages, team
from directfanz.domains.creators.service import pictures

TABLES = frozenset({"creator_members", "creator_invitations", "creator_handovers", "follows", "page_blocks"})


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    contact = await contact_of(reader, user_id)
    mine: list[Mapping[str, Any]] = []
    others: list[Mapping[str, Any]] = []
    for creator, role in await team.of_user(reader, user_id):
        if role == "owner":
            shown = msgspec.structs.asdict(creator)
            shown["addresses"] = ", ".join(await pages.slugs_of(reader, creator.id))
            shown["links"] = ", ".join(link.url for link in await pages.links_of(reader, creator.id))
            mine.append(shown)
        else:
            others.append({"page": creator.slug, "role": role})
    asked = await team.all_invitations_to(reader, contact.email) if contact else []
    return {
        "Your pages": mine,
        "Teams you are in": others,
        "Invitations to teams": [
            {"role": each.role, "at": each.created_at, "answered_at": each.answered_at} for each in asked
        ],
        "Pages you follow": [
            {"page": creator_id, "since": since} for creator_id, since in await follows.followed_ids(reader, user_id)
        ],
        "Pages you blocked": [
            {"page": each.creator_id, "since": each.since} for each in await blocks.by_person(reader, user_id)
        ],
    }


async def files(reader: Reader, user_id: UUID) -> list[tuple[str, str, str]]:
    """(name, bucket, key)"""
    found = []
    for creator, role in await team.of_user(reader, user_id):
        if role == "owner" and creator.avatar:
            key = picture_key("avatar", creator.avatar, AVATAR_SIZES[0][0])
            found.append((f"pages/{creator.slug}/avatar.webp", "public", key))
        if role == "owner" and creator.banner:
            key = picture_key("banner", creator.banner, BANNER_SIZES[0][0])
            found.append((f"pages/{creator.slug}/banner.webp", "public", key))
    return found


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    """A page goes with its owner: nobody could be paid for it. Its row stays empty, because the books refer to it, and its
    addresses stay taken."""
    contact = await contact_of(tx, user_id)
    for creator, role in await team.of_user(tx, user_id):
        if role == "owner":
            await pictures.forget(backends, tx, "avatar", creator.avatar)
            await pictures.forget(backends, tx, "banner", creator.banner)
            await pages.close(tx, creator.id, backends.clock.now())
    await team.leave_all(tx, user_id)
    await follows.remove_all(tx, user_id)
    await blocks.remove_all(tx, user_id)
    if contact is not None:
        await team.forget_invitations_to(tx, contact.email)
