"""What media tells open browsers of a page's team, over the channel of their notifications."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.domains.media.models import State


class AssetNews(msgspec.Struct, frozen=True, kw_only=True, tag="asset", tag_field="type"):
    """How far a file is. `progress` is from 0 to 1, of the whole work."""

    asset_id: UUID
    state: State
    stage: str
    progress: float
    reason: str | None = None
