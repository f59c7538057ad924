"""What is not needed any more goes from the store, after the commit."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.media.models import MEDIA, UPLOADS

KEYS_AT_ONCE = 500


class AbortUpload(msgspec.Struct, frozen=True):
    key: str
    engine_id: str


class RemoveFiles(msgspec.Struct, frozen=True):
    folder: str


async def _abort(backends: Backends, payload: AbortUpload) -> None:
    await backends.storage.bucket(UPLOADS).abort_upload(payload.key, payload.engine_id)


async def _remove(backends: Backends, payload: RemoveFiles) -> None:
    bucket = backends.storage.bucket(MEDIA)
    keys: list[str] = []
    async for each in bucket.walk(payload.folder):
        keys.append(each.key)
        if len(keys) == KEYS_AT_ONCE:
            await bucket.delete(*keys)
            keys.clear()
    if keys:
        await bucket.delete(*keys)
    await backends.storage.bucket(UPLOADS).delete(payload.folder)


ABORT_UPLOAD = Job("media.abort_upload", AbortUpload, _abort)
REMOVE_FILES = Job("media.remove_files", RemoveFiles, _remove)


async def abort_later(backends: Backends, tx: Writer, key: str, engine_id: str) -> None:
    await backends.jobs.enqueue(tx, ABORT_UPLOAD, AbortUpload(key, engine_id))


async def remove_files_later(backends: Backends, tx: Writer, asset_id: UUID) -> None:
    """All that lies under its folder, and what waits in quarantine."""
    await backends.jobs.enqueue(tx, REMOVE_FILES, RemoveFiles(asset_id.hex), queueing_key=f"remove:{asset_id.hex}")
