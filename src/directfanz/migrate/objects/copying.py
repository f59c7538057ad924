"""One pass: what is new or changed comes, what is gone goes. Passes are made until one finds nothing.

Every object is read once, hashed on the way, and written under the version that was read: an object that is overwritten meanwhile is
refused by the source and taken by the next pass. Big ones travel in parts, and each part that has arrived is in the ledger. Where both
sides are one S3, the bytes never leave it (`serverside.py`).
"""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from directfanz.migrate.errors import MigrationError, SideProblem
from directfanz.migrate.objects import serverside
from directfanz.migrate.objects.hashing import Sizes, combined, hash_of, part_size, parts_of
from directfanz.migrate.objects.ledger import Entry, Ledger, Part
from directfanz.migrate.objects.place import CHANGED, GONE, Listed, Place, kept, tagged
from directfanz.migrate.progress import Progress

WORKERS = 16
PARTS_AT_ONCE = 4  # of one object
PARTS_IN_HAND = 16  # of all of them: memory
DELETED_AT_ONCE = 500


class Pass(msgspec.Struct, frozen=True):
    copied: int
    bytes: int
    deleted: int
    later: int  # changed or gone while they were read; the next pass knows

    @property
    def quiet(self) -> bool:
        return not (self.copied or self.deleted or self.later)


class Mover:
    def __init__(
        self,
        source: Place,
        target: Place,
        ledger: Ledger,
        progress: Progress,
        sizes: Sizes | None = None,
        *,
        inside: bool | None = None,
    ) -> None:
        """`inside`: the store copies by itself; None: where it can."""
        self._source, self._target, self._ledger, self._progress = source, target, ledger, progress
        self._sizes = sizes or Sizes()
        self._hands = threading.BoundedSemaphore(PARTS_IN_HAND)
        self._inside = serverside.same_store(source, target) if inside is None else inside

    def one_pass(self, *, delete: bool = True) -> Pass:
        known, here = self._ledger.entries(), {one.key: one for one in self._source.listed()}
        todo = sorted((one for one in here.values() if _is_new(one, known)), key=lambda one: -one.size)
        total, moved, later, rows = sum(one.size for one in todo) + len(todo), 0, 0, 0
        workers = ThreadPoolExecutor(WORKERS)
        try:
            for one, arrived in zip(todo, workers.map(self._move, todo), strict=True):
                moved += one.size + 1
                rows += arrived
                later += not arrived
                self._progress.told(one.key, moved, total, rows, moved)
        finally:
            workers.shutdown(cancel_futures=True)  # the first error ends the pass; what has arrived is in the ledger
            self._ledger.flush()
        gone = sorted(known.keys() - here.keys()) if delete else []
        self._delete(gone)
        return Pass(len(todo) - later, moved - len(todo), len(gone), later)

    def until_quiet(self, passes: int) -> list[Pass]:
        made: list[Pass] = []
        while len(made) < passes and not (made and made[-1].quiet):
            made.append(self.one_pass())
        return made

    def _move(self, one: Listed) -> bool:
        """False when it changed or went away under our hands."""
        try:
            self._ledger.done(one, self.bring(one))
        except SideProblem as error:
            if error.sqlstate in (*GONE, *CHANGED):
                return False
            raise
        return True

    def bring(self, one: Listed) -> str:
        """Its hash."""
        if self._inside:
            return serverside.copy(self._source, self._target, one, self._sizes)
        return self._whole(one) if one.size <= self._sizes.part else self._in_parts(one)

    def _whole(self, one: Listed) -> str:
        got = self._source.get(one.key, etag=one.etag, version=one.version)
        etag = self._target.put(one.key, got.body, self._kept(one, got.headers))
        if etag != one.etag.strip('"'):  # the source's own tag proves as much, and was paid for long ago
            require_md5(one.key, etag, got.body)
        return hashlib.sha256(got.body).hexdigest()

    def _kept(self, one: Listed, headers: Any) -> dict[str, Any]:
        said = kept(headers)
        if tagged(headers) and (tags := self._source.tags(one.key, one.version)):
            said["Tagging"] = tags
        return said

    def _in_parts(self, one: Listed) -> str:
        upload, there = self._ledger.upload(one)
        if upload is None or not self._still_open(one.key, upload):
            first = self._source.get(
                one.key, etag=one.etag, size=1, version=one.version
            )  # what a HEAD would say, and it says if it changed
            words = self._kept(one, first.headers)
            upload, there = self._target.ask("create_multipart_upload", Key=one.key, **words)["UploadId"], {}
        missing = [number for number in range(1, parts_of(one, self._sizes) + 1) if number not in there]
        workers = ThreadPoolExecutor(PARTS_AT_ONCE)
        try:
            for part in workers.map(lambda number: self._part(one, upload, number), missing):
                there[part.number] = part
        finally:
            workers.shutdown(cancel_futures=True)
        every = [there[number] for number in sorted(there)]
        parts = [{"PartNumber": part.number, "ETag": part.etag} for part in every]
        self._target.ask("complete_multipart_upload", Key=one.key, UploadId=upload, MultipartUpload={"Parts": parts})
        return combined([part.sha256 for part in every])

    def _still_open(self, key: str, upload: str) -> bool:
        try:
            self._target.ask("list_parts", Key=key, UploadId=upload)
        except SideProblem as error:
            if error.sqlstate in ("NoSuchUpload", *GONE):
                return False
            raise
        return True

    def _part(self, one: Listed, upload: str, number: int) -> Part:
        size = part_size(one, self._sizes)
        first = (number - 1) * size
        with self._hands:
            span = min(size, one.size - first)
            data = self._source.get(one.key, etag=one.etag, first=first, size=span, version=one.version).body
            etag = self._target.put_part(one.key, upload, number, data)
            require_md5(one.key, etag.strip('"'), data)
        part = Part(number, etag, hashlib.sha256(data).hexdigest())
        self._ledger.part(one, upload, part)
        return part

    def _delete(self, keys: list[str]) -> None:
        for first in range(0, len(keys), DELETED_AT_ONCE):
            some = keys[first : first + DELETED_AT_ONCE]
            for key in some:
                self._target.ask("delete_object", Key=key)
            self._ledger.gone(some)


def _is_new(one: Listed, known: dict[str, Entry]) -> bool:
    entry = known.get(one.key)
    return entry is None or (entry.etag, entry.size) != (one.etag, one.size)


def require_md5(key: str, etag: str, data: bytes) -> None:
    """The tag of an object that was put whole is its MD5, but for stores that encrypt with keys of their own."""
    if len(etag) == 32 and etag != hashlib.md5(data, usedforsecurity=False).hexdigest():
        raise MigrationError(f"{key} arrived as something else than what was sent.")


__all__ = ["Mover", "Pass", "hash_of", "require_md5"]
