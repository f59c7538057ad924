"""What a list shows of the files of posts that are open to the reader: one picture each, by a way that lasts less than a minute, and what
they are. A card with a warning shows no picture before somebody said that they want to see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.models import Post, Reading
from directfanz.domains.media.models import Asset, Kind, Rendition
from directfanz.domains.media.service import delivery, library

WIDE_ENOUGH = 640
PICTURED: frozenset[Kind] = frozenset({"video", "image", "document"})
# The first of these that a post has is what it is.
WEIGHT: tuple[Kind, ...] = ("video", "audio", "image", "document", "file")


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` is how long all of it plays. Without `src` there is nothing to look at."""

    kind: Kind
    counts: Mapping[Kind, int]
    seconds: int = 0
    src: str | None = None
    width: int = 0
    height: int = 0

    @property
    def length(self) -> str:
        """As a clock says it; empty for what does not play."""
        if not self.seconds:
            return ""
        minutes, seconds = divmod(self.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


async def of_readings(backends: Backends, found: Sequence[Reading]) -> Mapping[UUID, Cover]:
    """By post; one question for all of them, and none where nobody has a file."""
    held = {
        each.post.id: [part.asset for part in each.assets if part.asset.state == "ready"] for each in found if each.open
    }
    pictured = {
        each.post.id: asset for each in found if (asset := _pictured(each.post, held.get(each.post.id, ()))) is not None
    }
    async with backends.database.reading() as reader:
        made = await library.renditions_of_all(reader, [each.id for each in pictured.values()]) if pictured else {}
    covers = {}
    for post_id, assets in held.items():
        if assets:
            shown = pictured.get(post_id)
            covers[post_id] = await _cover(backends, assets, shown, made.get(shown.id, []) if shown else [])
    return covers


def _pictured(post: Post, assets: Sequence[Asset]) -> Asset | None:
    return None if post.warnings else next((each for each in assets if each.kind in PICTURED), None)


async def _cover(backends: Backends, assets: Sequence[Asset], shown: Asset | None, made: Sequence[Rendition]) -> Cover:
    counts = Counter(each.kind for each in assets)
    told = Cover(
        kind=next(kind for kind in WEIGHT if kind in counts), counts=counts,
        seconds=sum(int(each.facts.get("duration_ms") or 0) for each in assets) // 1000,
    )  # fmt: skip
    picture = _fitting(shown, made) if shown else None
    if shown is None or picture is None:
        return told
    grant = await delivery.open_view(backends, shown)
    src = f"{grant.base_url}{shown.version}/{picture.path}?{grant.query}"
    return msgspec.structs.replace(told, src=src, width=picture.width or 0, height=picture.height or 0)


def _fitting(asset: Asset, made: Sequence[Rendition]) -> Rendition | None:
    """The smallest that is wide enough, in the form that every browser shows."""
    role = "image" if asset.kind == "image" else "poster"
    there = sorted(
        (each for each in made if each.role == role and each.mime == "image/webp"), key=lambda each: each.width or 0
    )
    return next((each for each in there if (each.width or 0) >= WIDE_ENOUGH), there[-1] if there else None)
