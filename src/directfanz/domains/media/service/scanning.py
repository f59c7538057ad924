"""What arrived is read once, from the first byte to the last: counted, compared with what was announced, looked through, and told apart.
Then it moves from quarantine to where the originals are."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job, Retry
from directfanz.backends.scanning.contract import Scan, Verdict
from directfanz.domains.media.errors import KindNotTaken
from directfanz.domains.media.models import MEDIA, UPLOADS, WORKED_ON, Asset, Upload
from directfanz.domains.media.policy import kinds
from directfanz.domains.media.policy.names import stored_name
from directfanz.domains.media.processing import process_later
from directfanz.domains.media.repository import assets, uploads
from directfanz.domains.media.service import states
from directfanz.errors import NotFound

SCAN_HOURS = 3


class ScanAsset(msgspec.Struct, frozen=True):
    asset_id: UUID


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Of one reading. `wrong`: parts whose bytes are not those that were announced."""

    size: int
    sha256: str
    wrong: list[int]
    head: bytes
    verdict: Verdict


class Failed(Exception):
    """The file is not taken: a word for programs, a sentence for its team."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def _scan(backends: Backends, payload: ScanAsset) -> None:
    """May run again at any point: until the rows say so, the file lies in quarantine as it was."""
    async with backends.database.writing() as tx:
        asset = await assets.find(tx, payload.asset_id)
        upload = await uploads.of_asset(tx, payload.asset_id) if asset else None
        sums = await uploads.announced(tx, upload.id) if upload else {}
    if asset is None or upload is None or asset.state != "scanning":
        return
    try:
        found, counted = await _looked_through(backends, asset, upload, sums)
    except Failed as failed:
        async with backends.database.writing() as tx:
            await states.fail(backends, tx, asset.id, "scanning", failed.code, failed.reason)
        return
    await _take_in(backends, asset, found, counted)


async def _looked_through(
    backends: Backends, asset: Asset, upload: Upload, sums: Mapping[int, str]
) -> tuple[kinds.Found, Counted]:
    try:
        async with backends.scanner.scan() as scan:
            counted = await _read(backends, upload, sums, scan)
    except NotFound:
        raise Failed("file_lost", "The store lost this file before it was looked through. Upload it again.") from None
    if counted.size != upload.bytes or counted.wrong or upload.sha256 not in (None, counted.sha256):
        raise Failed("damaged", "What arrived is not what was sent: its checksum differs. Upload the file again.")
    if counted.verdict.found is not None:
        raise Failed("harmful", f"This file could harm whoever opens it ({counted.verdict.found}). It is not taken.")
    try:
        return kinds.found_in(counted.head), counted
    except KindNotTaken as refused:
        raise Failed(refused.code, refused.message) from None


async def _read(backends: Backends, upload: Upload, sums: Mapping[int, str], scan: Scan) -> Counted:
    reading = _Reading(upload.part_bytes, sums)
    async for chunk in backends.storage.bucket(UPLOADS).stream(upload.key):
        await asyncio.gather(asyncio.to_thread(reading.take, chunk), scan.feed(chunk))
    return reading.counted(await scan.end())


class _Reading:
    """The whole and each part are counted in the one pass."""

    def __init__(self, part_bytes: int, sums: Mapping[int, str]) -> None:
        self._part_bytes, self._sums = part_bytes, sums
        self._whole, self._part = hashlib.sha256(), hashlib.sha256()
        self._bytes, self._number, self._in_part = 0, 1, 0
        self._wrong: list[int] = []
        self._head = b""

    def take(self, chunk: bytes) -> None:
        if len(self._head) < kinds.HEAD_BYTES:
            self._head = (self._head + chunk)[: kinds.HEAD_BYTES]
        self._whole.update(chunk)
        self._bytes += len(chunk)
        rest = memoryview(chunk)
        while rest:
            room = self._part_bytes - self._in_part
            self._part.update(rest[:room])
            self._in_part += min(room, len(rest))
            rest = rest[room:]
            if self._in_part == self._part_bytes:
                self._end_part()

    def counted(self, verdict: Verdict) -> Counted:
        if self._in_part:
            self._end_part()
        return Counted(
            size=self._bytes, sha256=self._whole.hexdigest(), wrong=self._wrong, head=self._head, verdict=verdict
        )

    def _end_part(self) -> None:
        if self._sums.get(self._number) != self._part.hexdigest():
            self._wrong.append(self._number)
        self._part, self._number, self._in_part = hashlib.sha256(), self._number + 1, 0


async def _take_in(backends: Backends, asset: Asset, found: kinds.Found, counted: Counted) -> None:
    name = kinds.with_ending(asset.name, found)
    original = f"{asset.folder}/o/{stored_name(name)}"
    await backends.storage.bucket(MEDIA).take_from(UPLOADS, asset.quarantine, original, content_type=found.mime)
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        if not await assets.is_in(tx, asset.id, "scanning"):
            return  # another worker was quicker; what it copied is the same
        await assets.set_scanned(tx, asset.id, found.kind, found.mime, counted.sha256, original, name, now)
        await assets.add_facts(tx, asset.id, _facts(asset, name, counted), now)
        await go_on(backends, tx, asset.id, found.kind in WORKED_ON)
    await backends.storage.bucket(UPLOADS).delete(asset.quarantine)


async def go_on(backends: Backends, tx: Writer, asset_id: UUID, worked_on: bool) -> None:
    if not worked_on:
        await states.move(backends, tx, asset_id, "scanning", "ready")
        return
    await states.move(backends, tx, asset_id, "scanning", "processing")
    await process_later(backends, tx, asset_id)


def _facts(asset: Asset, name: str, counted: Counted) -> dict[str, object]:
    facts: dict[str, object] = {}
    if counted.verdict.looked_at < counted.size:
        facts["looked_through_bytes"] = counted.verdict.looked_at
    if name != asset.name:
        facts["uploaded_as"] = asset.name
    return facts


SCAN_ASSET = Job(
    "media.scan_asset", ScanAsset, _scan, queue="scans", retry=Retry(tries=12), timeout_seconds=SCAN_HOURS * 3600
)


async def scan_later(backends: Backends, tx: Writer, asset_id: UUID) -> None:
    await backends.jobs.enqueue(tx, SCAN_ASSET, ScanAsset(asset_id), queueing_key=f"scan:{asset_id.hex}")
