"""What a list shows of the files of posts that are open to the reader: one picture each, by a way that lasts less than a minute, and what
they are. A card with a warning shows no picture before somebody said that they want to see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.models import Post, Reading
from directfanz.domains.media.models import Asset, Kind
from directfanz.domains.media.service import thumbnails
from directfanz.domains.media.service.thumbnails import Thumbnail

WIDE_ENOUGH = 640
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
    pictured = {each.post.id: asset for each in found if (asset := _pictured(each.post, held.get(each.post.id, ())))}
    shown = await thumbnails.of_assets(
        backends, list({each.id: each for each in pictured.values()}.values()), WIDE_ENOUGH
    )
    return {
        post_id: _cover(assets, shown.get(pictured[post_id].id) if post_id in pictured else None)
        for post_id, assets in held.items()
        if assets
    }


def _pictured(post: Post, assets: Sequence[Asset]) -> Asset | None:
    return None if post.warnings else next((each for each in assets if each.kind in thumbnails.PICTURED), None)


def _cover(assets: Sequence[Asset], shown: Thumbnail | None) -> Cover:
    counts = Counter(each.kind for each in assets)
    told = Cover(
        kind=next(kind for kind in WEIGHT if kind in counts), counts=counts,
        seconds=sum(int(each.facts.get("duration_ms") or 0) for each in assets) // 1000,
    )  # fmt: skip
    if shown is None:
        return told
    return msgspec.structs.replace(told, src=shown.src, width=shown.width, height=shown.height)
