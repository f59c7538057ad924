from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job, Schedule
from directfanz.domains.media.processing import PROCESS_ASSET, RESCUE
from directfanz.domains.media.repository import assets, uploads
from directfanz.domains.media.service.leaving import ABORT_UPLOAD, REMOVE_FILES, remove_files_later
from directfanz.domains.media.service.scanning import SCAN_ASSET
from directfanz.domains.media.service.uploading import end_unfinished

AT_ONCE = 200
log = logging.getLogger("directfanz.media")


class Sweep(msgspec.Struct, frozen=True):
    pass


async def _sweep_uploads(backends: Backends, payload: Sweep) -> None:
    """What nobody went on with for days is given up, and its parts go."""
    days = backends.platform.media.open_days
    reason = f"It was not finished within {days} days, so what had arrived was removed. Upload the file again."
    while True:
        async with backends.database.writing() as tx:
            due = await uploads.expired(tx, backends.clock.now(), AT_ONCE)
            for upload_id in due:
                upload = await uploads.lock(tx, upload_id)
                if upload is not None:
                    await end_unfinished(backends, tx, upload, "upload_expired", reason)
        if len(due) < AT_ONCE:
            return


async def _sweep_removed(backends: Backends, payload: Sweep) -> None:
    before = backends.clock.now() - timedelta(days=backends.platform.media.removed_days)
    while True:
        async with backends.database.writing() as tx:
            due = await assets.removed_before(tx, before, AT_ONCE)
            for asset_id in due:
                await remove_files_later(backends, tx, asset_id)
                await assets.delete(tx, asset_id)
        if len(due) < AT_ONCE:
            return


async def _sweep_buckets(backends: Backends, payload: Sweep) -> None:
    for name, swept in (await backends.storage.sweep()).items():
        if swept.deleted or swept.moved or swept.aborted:
            log.info(
                "Bucket %s: %s deleted, %s moved, %s uploads aborted.", name, swept.deleted, swept.moved, swept.aborted
            )


SWEEP_UPLOADS = Job("media.sweep_uploads", Sweep, _sweep_uploads)
SWEEP_REMOVED = Job("media.sweep_removed", Sweep, _sweep_removed)
SWEEP_BUCKETS = Job("media.sweep_buckets", Sweep, _sweep_buckets, timeout_seconds=3600)
JOBS: list[Job[Any]] = [
    SCAN_ASSET,
    PROCESS_ASSET,
    RESCUE,
    ABORT_UPLOAD,
    REMOVE_FILES,
    SWEEP_UPLOADS,
    SWEEP_REMOVED,
    SWEEP_BUCKETS,
]
SCHEDULES = [
    Schedule(RESCUE, "* * * * *"),
    Schedule(SWEEP_UPLOADS, "17 * * * *"),
    Schedule(SWEEP_REMOVED, "37 4 * * *"),
    Schedule(SWEEP_BUCKETS, "7 5 * * *"),
]
