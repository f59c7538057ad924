"""What this domain knows of a person, for their export; and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.creators.service import lookup
from directfanz.domains.media.models import MEDIA
from directfanz.domains.media.repository import assets, positions, uploads
from directfanz.domains.media.service.leaving import remove_files_later

TABLES = frozenset({"assets", "uploads", "watch_positions"})


async def tell(reader: Reader, user_id: UUID) -> Mapping[str, list[Mapping[str, Any]]]:
    return {
        "Files you uploaded": [msgspec.structs.asdict(each) for each in await assets.uploaded_by(reader, user_id)],
        "Where you stopped watching": [
            {"file": each.asset_id, "seconds": each.position_ms / 1000, "at": each.updated_at}
            for each in await positions.all_of(reader, user_id)
        ],
    }


async def files(reader: Reader, user_id: UUID) -> list[tuple[str, str, str]]:
    """(name, bucket, key)"""
    found = []
    for each in await assets.uploaded_by(reader, user_id):
        if each.original is not None:
            found.append((f"media/{each.id.hex}/{each.original.rpartition('/')[2]}", MEDIA, each.original))
    return found


async def erase(backends: Backends, tx: Writer, user_id: UUID) -> None:
    """The files of their own pages go; what they uploaded for others stays there without their name."""
    for creator, role in await lookup.of_user(tx, user_id):
        if role != "owner":
            continue
        for asset_id in await assets.ids_of_creator(tx, creator.id):
            await remove_files_later(backends, tx, asset_id)
            await assets.delete(tx, asset_id)
    await positions.forget(tx, user_id)
    await assets.forget_person(tx, user_id)
    await uploads.forget_person(tx, user_id)
