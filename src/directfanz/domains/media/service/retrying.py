"""A file that failed is tried again from where it stopped."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.media.errors import AssetMoved
from directfanz.domains.media.models import UPLOADS, Asset
from directfanz.domains.media.processing import process_later
from directfanz.domains.media.service import library, states
from directfanz.domains.media.service.scanning import scan_later
from directfanz.errors import NotFound
from directfanz.http.caller import Caller


async def retry(backends: Backends, caller: Caller, asset_id: UUID) -> Asset:
    """From its original if there is one, else from what lies in quarantine. Pressed twice it is tried once."""
    asset = await library.get(backends, caller, asset_id)
    if asset.state in ("scanning", "processing", "ready"):
        return asset
    if asset.state != "failed":
        raise AssetMoved("This file is still on its way.")
    if asset.original is None and not await waits_in_quarantine(backends, asset):
        raise AssetMoved("Nothing of this file is here any more. Upload it again.")
    async with backends.database.writing() as tx:
        if asset.original is not None:
            await states.move(backends, tx, asset.id, "failed", "processing")
            await process_later(backends, tx, asset.id)
        else:
            await states.move(backends, tx, asset.id, "failed", "scanning")
            await scan_later(backends, tx, asset.id)
    return await library.get(backends, caller, asset_id)


async def waits_in_quarantine(backends: Backends, asset: Asset) -> bool:
    try:
        return (await backends.storage.bucket(UPLOADS).head(asset.quarantine)).size == asset.bytes
    except NotFound:
        return False
