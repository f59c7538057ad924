"""Asking for one's data, making the archive, handing it to its owner alone."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job
from directfanz.domains.audit import service as audit
from directfanz.domains.notifications import service as notifications
from directfanz.domains.privacy import repository
from directfanz.domains.privacy.errors import ExportUnderWay, NoSuchExport
from directfanz.domains.privacy.models import DOWNLOAD_LIVES, EXPORT_LIVES, GIVE_UP_AFTER, Export
from directfanz.domains.privacy.service.archive import pieces, write_archive
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

log = logging.getLogger("directfanz.privacy")
SHOWN = 5
BUCKET = "private"


class BuildExport(msgspec.Struct, frozen=True):
    export_id: UUID


async def ask_export(backends: Backends, caller: Caller) -> Export:
    user_id, export_id, now = caller.require_user(), new_id(), backends.clock.now()
    async with backends.database.writing() as tx:
        if not await repository.insert_export(tx, export_id, user_id, now):
            raise ExportUnderWay("Your data is being collected already. We notify you when it is ready.")
        await backends.jobs.enqueue(tx, BUILD_EXPORT, BuildExport(export_id))
        await audit.record(tx, actor=user_id, action="privacy.export_asked", target=user_id)
        return _there(await repository.find_export(tx, export_id))


async def list_exports(backends: Backends, caller: Caller) -> list[Export]:
    async with backends.database.reading() as reader:
        return await repository.exports_of(reader, caller.require_user(), SHOWN)


async def download_link(backends: Backends, caller: Caller, export_id: UUID) -> str:
    """A link that opens for a few minutes. Another person's export does not exist for the caller."""
    async with backends.database.writing() as tx:
        export = _there(await repository.find_export(tx, export_id))
        if export.user_id != caller.require_user():
            raise NoSuchExport("There is no such export.")
        if export.state != "ready" or (export.expires_at and export.expires_at <= backends.clock.now()):
            raise NoSuchExport("This export cannot be downloaded any more, or not yet. Ask for a new one.")
        await audit.record(tx, actor=export.user_id, action="privacy.export_downloaded", target=export.user_id)
    name = f"my-data-{export.created_at:%Y-%m-%d}.zip"
    return await backends.storage.bucket(BUCKET).presign_get(export.key, DOWNLOAD_LIVES, download_as=name)


async def _build(backends: Backends, payload: BuildExport) -> None:
    """Safe to repeat: the archive has one name, and only the first to finish moves the state."""
    async with backends.database.writing() as tx:
        export = await repository.find_export(tx, payload.export_id)
        if export is None or export.state not in ("waiting", "running"):
            return
        if not await repository.move_export(tx, export.id, export.state, "running"):
            return
    size, digest = await _store(backends, export)
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        if await repository.finish_export(tx, export.id, size, digest, now, now + EXPORT_LIVES):
            await notifications.notify(
                backends,
                tx,
                export.user_id,
                "privacy.export_ready",
                dedupe=f"export-{export.id}",
                link="/settings/privacy",
            )


async def _store(backends: Backends, export: Export) -> tuple[int, str]:
    with tempfile.TemporaryFile() as file:
        await write_archive(backends, export.user_id, file)
        size = file.tell()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        bucket = backends.storage.bucket(BUCKET)
        await bucket.put(export.key, pieces(file), content_type="application/zip", sha256=digest)
    return size, digest


async def expire_exports(backends: Backends) -> None:
    """The file first: a row that says expired while the file is there would never be looked at again."""
    async with backends.database.reading() as reader:
        expired = await repository.expired_exports(reader, backends.clock.now(), 1000)
    for export in expired:
        await backends.storage.bucket(BUCKET).delete(export.key)
        async with backends.database.writing() as tx:
            await repository.move_export(tx, export.id, "ready", "expired")


async def give_up_exports(backends: Backends) -> None:
    """What its job could not finish: the operator sees the dead job, the person may ask again."""
    async with backends.database.reading() as reader:
        stuck = await repository.unfinished_exports(reader, backends.clock.now() - GIVE_UP_AFTER, 1000)
    for export in stuck:
        async with backends.database.writing() as tx:
            if await repository.move_export(tx, export.id, export.state, "failed", "not finished in time"):
                log.warning("gave up the export %s", export.id)


def _there(export: Export | None) -> Export:
    if export is None:
        raise NoSuchExport("There is no such export.")
    return export


BUILD_EXPORT = Job("privacy.build_export", BuildExport, _build, timeout_seconds=3600)
