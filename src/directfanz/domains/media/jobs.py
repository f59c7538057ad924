from __future__ import annotations

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


SWEEP_UPLOADS = Job("media.sweep_uploads", Sweep, _sweep_uploads)
SWEEP_REMOVED = Job("media.sweep_removed", Sweep, _sweep_removed)
JOBS: list[Job[Any]] = [SCAN_ASSET, PROCESS_ASSET, RESCUE, ABORT_UPLOAD, REMOVE_FILES, SWEEP_UPLOADS, SWEEP_REMOVED]
SCHEDULES = [
    Schedule(RESCUE, "* * * * *"),
    Schedule(SWEEP_UPLOADS, "17 * * * *"),
    Schedule(SWEEP_REMOVED, "37 4 * * *"),
]
