"""How far a file is, said to the open browsers of its page's team. Whoever misses it asks: the row has it too."""

from __future__ import annotations

import logging
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.service import team
from directfanz.domains.media.events import AssetNews
from directfanz.domains.media.models import Asset, State
from directfanz.domains.notifications import service as notifications
from directfanz.domains.notifications.events import channel_of
from directfanz.errors import Unavailable

log = logging.getLogger("directfanz.media")


async def progress(backends: Backends, asset: Asset, stage: str, share: float) -> None:
    await _say(
        backends, asset.creator_id, AssetNews(asset_id=asset.id, state="processing", stage=stage, progress=share)
    )


async def ended(backends: Backends, asset: Asset, state: State, reason: str | None = None) -> None:
    news = AssetNews(asset_id=asset.id, state=state, stage="done", progress=1.0, reason=reason)
    await _say(backends, asset.creator_id, news)


async def failed(backends: Backends, tx: Writer, asset: Asset, attempt: int, reason: str) -> None:
    """Whoever uploaded it may be gone from the page meanwhile, so they are told wherever they are."""
    if asset.uploaded_by is not None:
        await notifications.notify(
            backends, tx, asset.uploaded_by, "media.failed", dedupe=f"media-failed-{asset.id}-{attempt}", name=asset.name,
            reason=reason,
        )  # fmt: skip


async def _say(backends: Backends, creator_id: UUID, news: AssetNews) -> None:
    message = msgspec.json.encode(news)
    try:
        for user_id in await team.people_of(backends.database, creator_id):
            await backends.cache.publish(channel_of(user_id), message)
    except Unavailable as error:
        log.info("progress is not told: %s", error.message)
