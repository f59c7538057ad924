"""Files arrive: straight from a browser or the command line into the store, in parts, over days if need be.

The store says which parts it holds, nobody else; so a client that lost everything goes on where it was. Each part is announced with its
SHA-256 before it is sent, and the store takes no other bytes for it. Beginning and completing may be repeated at will.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.backends.storage.contract import Part
from directfanz.domains.creators.service import team
from directfanz.domains.media.errors import NoSuchUpload, PartsMissing, PartWrong, UploadOver
from directfanz.domains.media.models import UPLOADS, Asset, Kind, Upload, Usage
from directfanz.domains.media.policy import kinds, limits
from directfanz.domains.media.policy.names import shown_name
from directfanz.domains.media.repository import assets, uploads
from directfanz.domains.media.service import states
from directfanz.domains.media.service.leaving import abort_later
from directfanz.domains.media.service.scanning import scan_later
from directfanz.errors import Detail, InvalidInput, NotFound
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

PARTS_PER_ASK = 100
NAMED_MISSING = 10


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a client says of a file. `opening`: its first bytes, so that what is not taken is refused before it is sent."""

    name: str
    size: int
    fingerprint: str
    sha256: str | None = None
    opening: bytes = b""
    mime: str = ""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`held`: the numbers of the parts that the store has, whole."""

    upload: Upload
    held: list[int]


async def begin(backends: Backends, caller: Caller, creator_id: UUID, wanted: Wanted) -> Upload:
    """The same file again answers the upload that is open: another tab, or the same one after a crash."""
    name = shown_name(wanted.name)
    kind = _plausible(wanted)
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        there = await uploads.find_open(tx, creator_id, wanted.fingerprint)
        if there is None:
            limits.require_room(limits.usage_of(backends.platform, await uploads.kept_by(tx, creator_id)), wanted.size)
    if there is not None:
        return _same(there, wanted)
    asset, upload = await _at_the_store(backends, caller, creator_id, name, kind, wanted)
    try:
        async with backends.database.writing() as tx:
            await uploads.wait_for_turn(tx, creator_id, backends.clock.now())
            limits.require_room(limits.usage_of(backends.platform, await uploads.kept_by(tx, creator_id)), wanted.size)
            await assets.insert(tx, asset)
            await uploads.insert(tx, upload)
    except ConstraintBroken as error:
        await backends.storage.bucket(UPLOADS).abort_upload(upload.key, upload.engine_id)
        found = await backends.database.run(lambda tx: uploads.find_open(tx, creator_id, wanted.fingerprint))
        if error.constraint != "uploads_open_file" or found is None:
            raise
        return _same(found, wanted)
    except BaseException:
        await backends.storage.bucket(UPLOADS).abort_upload(upload.key, upload.engine_id)
        raise
    return upload


async def look(backends: Backends, caller: Caller, upload_id: UUID) -> Progress:
    upload = await _mine(backends, caller, upload_id)
    return Progress(upload=upload, held=[part.number for part in await _held(backends, upload)])


async def open_of(backends: Backends, caller: Caller, creator_id: UUID) -> list[Upload]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        return await uploads.open_of(tx, creator_id)


async def usage(backends: Backends, caller: Caller, creator_id: UUID) -> Usage:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        return limits.usage_of(backends.platform, await uploads.kept_by(tx, creator_id))


async def addresses(backends: Backends, caller: Caller, upload_id: UUID, sums: Mapping[int, str]) -> Mapping[int, str]:
    """Where to send these parts. Each address takes the bytes of the announced SHA-256 and no others."""
    if not 1 <= len(sums) <= PARTS_PER_ASK:
        raise InvalidInput.in_field("parts", f"Ask for 1 to {PARTS_PER_ASK} parts at a time.")
    upload = await _mine(backends, caller, upload_id)
    _require_open(upload)
    outside = [number for number in sums if not 1 <= number <= upload.parts]
    if outside:
        raise PartWrong.in_field("parts", f"This file has the parts 1 to {upload.parts}, and no part {outside[0]}.")
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        await uploads.announce(tx, upload_id, sums)
        await uploads.touch(tx, upload_id, now)
    lives = timedelta(seconds=backends.platform.media.address_seconds)
    return await backends.storage.bucket(UPLOADS).presign_parts(upload.key, upload.engine_id, sums, lives)


async def complete(backends: Backends, caller: Caller, upload_id: UUID, sha256: str | None = None) -> Asset:
    """All parts are there: the file is put together and looked through. Again is as good as once."""
    upload = await _mine(backends, caller, upload_id)
    if upload.state == "completed":
        return await _asset_of(backends, upload)
    _require_open(upload)
    if sha256 is not None and upload.sha256 not in (None, sha256):
        raise InvalidInput.in_field("sha256", "This file was announced with another SHA-256.")
    await _put_together(backends, upload)
    async with backends.database.writing() as tx:
        locked = await uploads.lock(tx, upload_id)
        if locked is not None and locked.state == "open":
            await uploads.end(tx, upload_id, "completed", backends.clock.now())
            if sha256 is not None:
                await uploads.set_sum(tx, upload_id, sha256)
            await states.move(backends, tx, upload.asset_id, "uploading", "scanning")
            await scan_later(backends, tx, upload.asset_id)
        elif locked is None or locked.state == "given_up":
            raise _over()
    return await _asset_of(backends, upload)


async def give_up(backends: Backends, caller: Caller, upload_id: UUID) -> None:
    """What was sent of it goes. Of one that is completed nothing happens."""
    upload = await _mine(backends, caller, upload_id)
    async with backends.database.writing() as tx:
        await end_unfinished(backends, tx, upload, "given_up", "The upload was cancelled.")
        if upload.state == "open":
            await assets.set_removed(tx, upload.asset_id, backends.clock.now(), backends.clock.now())


async def end_unfinished(backends: Backends, tx: Writer, upload: Upload, code: str, reason: str) -> bool:
    if not await uploads.end(tx, upload.id, "given_up", backends.clock.now()):
        return False
    await states.fail(backends, tx, upload.asset_id, "uploading", code, reason)
    await abort_later(backends, tx, upload.key, upload.engine_id)
    return True


# --- within -----------------------------------------------------------------------------------------------------------


def _plausible(wanted: Wanted) -> Kind:
    """What will be counted when the file is here is first looked at as far as it can be."""
    if wanted.size < 1:
        raise InvalidInput.in_field("bytes", "This file is empty.", "Choose another one.")
    if wanted.opening:
        return kinds.found_in(wanted.opening[: kinds.HEAD_BYTES]).kind
    return kinds.guessed(wanted.mime, wanted.name)


def _same(there: Upload, wanted: Wanted) -> Upload:
    if there.bytes != wanted.size:
        raise InvalidInput.in_field(
            "fingerprint", "Another file with this fingerprint is on its way.", "Use another one."
        )
    return there


async def _at_the_store(
    backends: Backends, caller: Caller, creator_id: UUID, name: str, kind: Kind, wanted: Wanted
) -> tuple[Asset, Upload]:
    """Before the rows, so that no row waits for a store; what fails in between is swept there."""
    now, asset_id = backends.clock.now(), new_id()
    asset = Asset(
        id=asset_id, creator_id=creator_id, uploaded_by=caller.user_id, source="upload", kind=kind, name=name,
        bytes=wanted.size, sha256=None, mime="application/octet-stream", state="uploading", reason_code=None,
        reason=None, original=None, version=1, facts={}, downloadable=kind == "file", created_at=now, updated_at=now,
        ready_at=None, removed_at=None,
    )  # fmt: skip
    engine_id = await backends.storage.bucket(UPLOADS).begin_upload(asset.quarantine, checked=True)
    upload = Upload(
        id=new_id(), asset_id=asset_id, creator_id=creator_id, user_id=caller.user_id, fingerprint=wanted.fingerprint,
        key=asset.quarantine, engine_id=engine_id, bytes=wanted.size,
        part_bytes=limits.part_bytes_for(backends.platform, wanted.size), sha256=wanted.sha256, state="open",
        created_at=now, touched_at=now, expires_at=now + timedelta(days=backends.platform.media.open_days), ended_at=None,
    )  # fmt: skip
    return asset, upload


async def _mine(backends: Backends, caller: Caller, upload_id: UUID) -> Upload:
    async with backends.database.writing() as tx:
        upload = await uploads.find(tx, upload_id)
        if upload is None or await team.role_of(tx, caller, upload.creator_id) is None:
            raise NoSuchUpload("There is no such upload.")
        await team.require(tx, caller, upload.creator_id, "posts")
    return upload


def _require_open(upload: Upload) -> None:
    if upload.state != "open":
        raise _over()


def _over() -> UploadOver:
    return UploadOver("This upload is over. Begin it again.")


async def _held(backends: Backends, upload: Upload) -> list[Part]:
    """Whole parts only: a part of another size is sent again."""
    if upload.state != "open":
        return []
    try:
        found = await backends.storage.bucket(UPLOADS).list_parts(upload.key, upload.engine_id)
    except NotFound:
        return []
    return [part for part in found if 1 <= part.number <= upload.parts and part.size == upload.size_of(part.number)]


async def _put_together(backends: Backends, upload: Upload) -> None:
    bucket = backends.storage.bucket(UPLOADS)
    if await _is_together(backends, upload):
        return
    held = {part.number: part for part in await _held(backends, upload)}
    sums = await backends.database.run(lambda tx: uploads.announced(tx, upload.id))
    try:
        _require_all(upload, held, sums)
    except PartsMissing:
        if await _is_together(backends, upload):  # somebody was quicker, between our two questions
            return
        raise
    parts = [Part(number, held[number].etag, held[number].size, sums[number]) for number in sorted(held)]
    try:
        await bucket.complete_upload(upload.key, upload.engine_id, parts)
    except NotFound:  # somebody did it meanwhile
        if not await _is_together(backends, upload):
            raise PartsMissing("The store does not know this upload any more. Send the file again.") from None


async def _is_together(backends: Backends, upload: Upload) -> bool:
    try:
        return (await backends.storage.bucket(UPLOADS).head(upload.key)).size == upload.bytes
    except NotFound:
        return False


def _require_all(upload: Upload, held: Mapping[int, Any], sums: Mapping[int, str]) -> None:
    missing = [number for number in range(1, upload.parts + 1) if number not in held or number not in sums]
    if missing:
        named = [Detail(f"parts.{number}", "This part is not there.", "Send it.") for number in missing[:NAMED_MISSING]]
        raise PartsMissing(f"{len(missing)} of {upload.parts} parts are not there yet.", *named)


async def _asset_of(backends: Backends, upload: Upload) -> Asset:
    found = await backends.database.run(lambda tx: assets.find(tx, upload.asset_id))
    if found is None:
        raise NoSuchUpload("There is no such upload.")
    return found
