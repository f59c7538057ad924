"""One picture of each file, for lists: by a way that lasts less than a minute.

Like `delivery`, this asks nobody's rights: **whoever calls it has asked `entitlements` first**, or that somebody is of the team.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.media.models import Asset, Kind, Rendition
from directfanz.domains.media.service import delivery, library

PICTURED: frozenset[Kind] = frozenset({"video", "image", "document"})


class Thumbnail(msgspec.Struct, frozen=True, kw_only=True):
    src: str
    width: int
    height: int


async def of_assets(backends: Backends, assets: Sequence[Asset], width: int) -> Mapping[UUID, Thumbnail]:
    """Of those that are ready and have one; the smallest that is `width` wide, or the widest. One question for all."""
    shown = [each for each in assets if each.kind in PICTURED and each.state == "ready" and each.removed_at is None]
    if not shown:
        return {}
    async with backends.database.reading() as reader:
        made = await library.renditions_of_all(reader, [each.id for each in shown])
    found = {}
    for asset in shown:
        picture = _fitting(asset, made.get(asset.id, []), width)
        if picture is not None:
            grant = await delivery.open_view(backends, asset)
            src = f"{grant.base_url}{asset.version}/{picture.path}?{grant.query}"
            found[asset.id] = Thumbnail(src=src, width=picture.width or 0, height=picture.height or 0)
    return found


def _fitting(asset: Asset, made: Sequence[Rendition], width: int) -> Rendition | None:
    """In the form that every browser shows."""
    role = "image" if asset.kind == "image" else "poster"
    there = sorted(
        (each for each in made if each.role == role and each.mime == "image/webp"), key=lambda each: each.width or 0
    )
    return next((each for each in there if (each.width or 0) >= width), there[-1] if there else None)
