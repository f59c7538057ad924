"""One pass: what is new or changed comes, what is gone goes. Passes are made until one finds nothing.

Every object is read once, hashed on the way, and written under the version that was read: an object that is overwritten meanwhile is
refused by the source and taken by the next pass. Big ones travel in parts, and each part that has arrived is in the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from directfanz.migrate.errors import MigrationError, SideProblem
from directfanz.migrate.objects.ledger import Entry, Ledger, Part
from directfanz.migrate.objects.place import CHANGED, GONE, KEPT_HEADERS, Listed, Place
from directfanz.migrate.progress import Progress

PART_BYTES = 16 << 20
WORKERS = 16
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
        self, source: Place, target: Place, ledger: Ledger, progress: Progress, part_bytes: int = PART_BYTES
    ) -> None:
        self._source, self._target, self._ledger, self._progress = source, target, ledger, progress
        self._part_bytes = part_bytes

    def one_pass(self, *, delete: bool = True) -> Pass:
        known, here = self._ledger.entries(), {one.key: one for one in self._source.listed()}
        todo = sorted((one for one in here.values() if _is_new(one, known)), key=lambda one: -one.size)
        total, moved, later, rows = sum(one.size for one in todo) + len(todo), 0, 0, 0
        with ThreadPoolExecutor(WORKERS) as workers:
            for one, arrived in zip(todo, workers.map(self._move, todo), strict=True):
                moved += one.size + 1
                rows += arrived
                later += not arrived
                self._progress.told(one.key, moved, total, rows, moved)
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
            if one.size <= self._part_bytes:
                self._whole(one)
            else:
                self._in_parts(one)
        except SideProblem as error:
            if error.sqlstate in (*GONE, *CHANGED):
                return False
            raise
        return True

    def _whole(self, one: Listed) -> None:
        answer = self._source.ask("get_object", Key=one.key, IfMatch=one.etag)
        with answer["Body"] as body:
            data = body.read()
        put = self._target.ask("put_object", Key=one.key, Body=data, **self._kept(one.key, answer))
        _require_md5(one.key, put["ETag"].strip('"'), data)
        self._ledger.done(one, hashlib.sha256(data).hexdigest())

    def _kept(self, key: str, answer: dict[str, Any]) -> dict[str, Any]:
        kept = {name: answer[name] for name in KEPT_HEADERS if answer.get(name)}
        if tags := self._source.tags(key):
            kept["Tagging"] = tags
        return kept

    def _in_parts(self, one: Listed) -> None:
        upload, there = self._ledger.upload(one)
        if upload is None or not self._still_open(one.key, upload):
            head = self._source.ask("head_object", Key=one.key, IfMatch=one.etag)
            upload, there = (
                self._target.ask("create_multipart_upload", Key=one.key, **self._kept(one.key, head))["UploadId"],
                {},
            )
        for number in range(1, -(-one.size // self._part_bytes) + 1):
            if number not in there:
                there[number] = self._part(one, upload, number)
        every = [there[number] for number in sorted(there)]
        parts = [{"PartNumber": part.number, "ETag": part.etag} for part in every]
        self._target.ask("complete_multipart_upload", Key=one.key, UploadId=upload, MultipartUpload={"Parts": parts})
        self._ledger.done(one, combined([part.sha256 for part in every]))

    def _still_open(self, key: str, upload: str) -> bool:
        try:
            self._target.ask("list_parts", Key=key, UploadId=upload)
        except SideProblem as error:
            if error.sqlstate in ("NoSuchUpload", *GONE):
                return False
            raise
        return True

    def _part(self, one: Listed, upload: str, number: int) -> Part:
        data = read_range(self._source, one, (number - 1) * self._part_bytes, self._part_bytes, match=True)
        put = self._target.ask("upload_part", Key=one.key, UploadId=upload, PartNumber=number, Body=data)
        part = Part(number, put["ETag"], hashlib.sha256(data).hexdigest())
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


def _require_md5(key: str, etag: str, data: bytes) -> None:
    """The tag of an object that was put whole is its MD5, but for stores that encrypt with keys of their own."""
    if len(etag) == 32 and etag != hashlib.md5(data, usedforsecurity=False).hexdigest():
        raise MigrationError(f"{key} arrived as something else than what was sent.")


def read_range(place: Place, one: Listed, first: int, size: int, *, match: bool = False) -> bytes:
    last = min(first + size, one.size) - 1
    words = {"IfMatch": one.etag} if match else {}
    with place.ask("get_object", Key=one.key, Range=f"bytes={first}-{last}", **words)["Body"] as body:
        data: bytes = body.read()
    return data


def combined(hashes: list[str]) -> str:
    return f"{hashlib.sha256(''.join(hashes).encode()).hexdigest()}-{len(hashes)}"


Hashed = Callable[[Place, Listed], str]


def hash_of(place: Place, one: Listed, like: str, part_bytes: int = PART_BYTES) -> str:
    """Made the way that the ledger's hash was made."""
    if "-" not in like:
        with place.ask("get_object", Key=one.key)["Body"] as body:
            return hashlib.sha256(body.read()).hexdigest()
    firsts = range(0, one.size, part_bytes)
    return combined([hashlib.sha256(read_range(place, one, first, part_bytes)).hexdigest() for first in firsts])
