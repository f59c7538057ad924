"""What is made of an original: what viewers get of it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.media.repository import assets
from directfanz.domains.media.service import states


class ProcessAsset(msgspec.Struct, frozen=True):
    asset_id: UUID


async def _process(backends: Backends, payload: ProcessAsset) -> None:
    """Until something is made of it, a file is ready as it is: it can be downloaded."""
    async with backends.database.writing() as tx:
        if await assets.is_in(tx, payload.asset_id, "processing"):
            await states.move(backends, tx, payload.asset_id, "processing", "ready")


PROCESS_ASSET = Job("media.process_asset", ProcessAsset, _process, queue="media")


async def process_later(backends: Backends, tx: Writer, asset_id: UUID) -> None:
    await backends.jobs.enqueue(tx, PROCESS_ASSET, ProcessAsset(asset_id), queueing_key=f"process:{asset_id.hex}")
