"""What is made of an original: what viewers get of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job, Retry

# A film of twelve hours takes long on a small machine; the limits of each step are in platform.toml.
LONGEST_HOURS = 24
# Between its enqueueing and its first sign of life a job may have to wait for others; after it nobody is about to take it up.
LEFT_ALONE_AFTER = timedelta(minutes=2)
AT_ONCE = 100


class ProcessAsset(msgspec.Struct, frozen=True):
    asset_id: UUID


class Rescue(msgspec.Struct, frozen=True):
    pass


async def _process(backends: Backends, payload: ProcessAsset) -> None:
    from directfanz.domains.media.processing.working import process  # what it needs needs this module

    await process(backends, payload.asset_id)


async def _rescue(backends: Backends, payload: Rescue) -> None:
    """Files whose worker went away, or whose job was lost: another one takes them up."""
    from directfanz.domains.media.repository import processing

    now = backends.clock.now()
    async with backends.database.writing() as tx:
        for asset_id in await processing.left_alone(tx, now, now - LEFT_ALONE_AFTER, AT_ONCE):
            await process_later(backends, tx, asset_id)


PROCESS_ASSET = Job(
    "media.process_asset", ProcessAsset, _process, queue="media", retry=Retry(tries=10, first_seconds=10),
    timeout_seconds=LONGEST_HOURS * 3600,
)  # fmt: skip
RESCUE = Job("media.rescue_processing", Rescue, _rescue)


async def process_later(backends: Backends, tx: Writer, asset_id: UUID) -> None:
    await backends.jobs.enqueue(tx, PROCESS_ASSET, ProcessAsset(asset_id), queueing_key=f"process:{asset_id.hex}")
