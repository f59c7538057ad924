"""What this domain knows of a person, for their export; and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.content.repository import playlists, posts, revisions
from directfanz.domains.creators.service import lookup

TABLES = frozenset({"posts", "post_revisions", "playlists"})


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    return {
        "Posts you wrote": [msgspec.structs.asdict(post) for post in await posts.written_by(reader, user_id)],
        "Your playlists": [
            {
                "title": each.title,
                "shared": each.shared,
                "posts": ", ".join(map(str, await playlists.posts_in(reader, each.id))),
            }
            for each in await playlists.of_user(reader, user_id)
        ],
    }


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    """The posts of their own pages go; what they wrote for others stays there without their name."""
    for creator, role in await lookup.of_user(tx, user_id):
        if role == "owner":
            await posts.remove_all_of(tx, creator.id)
    await posts.forget_author(tx, user_id)
    await revisions.forget_author(tx, user_id)
    await playlists.remove_all_of(tx, user_id)
