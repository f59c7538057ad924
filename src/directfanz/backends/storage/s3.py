"""S3 and what speaks its protocol: obstore for the data, boto3 for the rest."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import obstore

from directfanz.backends.clock.contract import Clock
from directfanz.backends.storage import keys
from directfanz.backends.storage.contract import (
    MAX_PARTS,
    MAX_PRESIGNED,
    MAX_WHOLE_BYTES,
    ObjectInfo,
    Part,
    Stored,
)
from directfanz.backends.storage.control import Control
from directfanz.backends.storage.faults import RangeOutside, translated
from directfanz.backends.storage.multipart import PART_BYTES, Multipart, check_digest, in_base64
from directfanz.backends.storage.pieces import emptying, first_two, in_pieces, of_bytes
from directfanz.backends.storage.reading import Window, windows
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.errors import InvalidInput, TooLarge, Unavailable

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Store
    from types_boto3_s3 import S3Client

DELETES_AT_ONCE = 1000
# Hashing more than this on the loop would be felt.
HASH_HERE_BYTES = 256 * 1024
_OUR_HEADERS = frozenset({"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding"})


class S3Bucket:
    """`name` is the one of platform.toml, `real_name` the one at the engine."""

    def __init__(
        self, name: str, real_name: str, store: S3Store, control: Control, clock: Clock, telemetry: Telemetry
    ) -> None:
        self.name = name
        self.real_name = real_name
        self._store = store
        self._control = control
        self._multipart = Multipart(control, real_name)
        self._clock = clock
        self._seconds = telemetry.histogram("storage_request_seconds")

    async def put(
        self,
        key: str,
        body: bytes | AsyncIterator[bytes],
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        sha256: str | None = None,
        cache_control: str | None = None,
        only_if_absent: bool = False,
    ) -> Stored:
        keys.check_key(key)
        entries = keys.written(metadata or {}) | ({keys.SHA256: keys.check_sha256(sha256)} if sha256 else {})
        headers = {"Content-Type": content_type} | ({"Cache-Control": cache_control} if cache_control else {})
        pieces = in_pieces(of_bytes(body) if isinstance(body, bytes) else body, PART_BYTES)
        with self._request("put", key):
            opening = await first_two(pieces)
            if len(opening) < 2:
                return await self._put_whole(key, b"".join(opening), headers, entries, sha256, only_if_absent)
            return await self._multipart.put_stream(
                key,
                emptying(opening, pieces),
                _boto_headers(headers, entries),
                sha256=sha256,
                only_if_absent=only_if_absent,
            )

    async def get(self, key: str) -> bytes:
        keys.check_key(key)
        with self._request("get", key):
            result = await obstore.get_async(self._store, key)
            if result.meta["size"] > MAX_WHOLE_BYTES:
                raise TooLarge(f"{key} is too large to be read whole; stream it.")
            return bytes(await result.bytes_async())

    def stream(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        keys.check_key(key)

        async def read(first: int, limit: int, etag: str | None) -> Window:
            return await self._window(key, first, limit, etag)

        return windows(read, start, end)

    async def head(self, key: str) -> ObjectInfo:
        keys.check_key(key)
        with self._request("head", key):
            result = await obstore.get_async(self._store, key, options={"head": True})
        entries = {name: value for name, value in result.attributes.items() if name not in _OUR_HEADERS}
        return _info(
            result.meta,
            content_type=result.attributes.get("Content-Type", "application/octet-stream"),
            metadata=keys.read(entries),
            sha256=entries.get(keys.SHA256),
        )

    async def delete(self, *names: str) -> None:
        for name in names:
            keys.check_key(name)
        for first in range(0, len(names), DELETES_AT_ONCE):
            some = names[first : first + DELETES_AT_ONCE]
            with self._request("delete", some[0]):
                await (self._delete_one(some[0]) if len(some) == 1 else self._delete_some(some))

    async def walk(self, folder: str = "") -> AsyncIterator[ObjectInfo]:
        listing = obstore.list(self._store, prefix=keys.check_folder(folder), chunk_size=1000)
        while True:
            with self._request("list", folder or "/"):
                page = await anext(listing, None)
            if page is None:
                return
            for meta in page:
                yield _info(meta)

    async def copy(self, source: str, target: str) -> None:
        keys.check_key(source)
        keys.check_key(target)
        with self._request("copy", source):
            await obstore.copy_async(self._store, source, target)

    async def presign_get(self, key: str, lives: timedelta, *, download_as: str | None = None) -> str:
        saved = {"ResponseContentDisposition": _attachment(download_as)} if download_as else {}
        return await self._presign("get_object", keys.check_key(key), lives, saved)

    async def presign_put(self, key: str, lives: timedelta, *, content_type: str | None = None) -> str:
        typed = {"ContentType": content_type} if content_type else {}
        return await self._presign("put_object", keys.check_key(key), lives, typed)

    async def take_from(self, bucket: str, source: str, key: str, *, content_type: str) -> None:
        keys.check_key(source)
        keys.check_key(key)
        prefix = self.real_name.removesuffix(self.name)
        with self._request("copy", source):
            await self._multipart.take_from(f"{prefix}{bucket}", source, key, {"ContentType": content_type})

    async def begin_upload(
        self,
        key: str,
        *,
        content_type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
        checked: bool = False,
    ) -> str:
        keys.check_key(key)
        headers = _boto_headers({"Content-Type": content_type}, keys.written(metadata or {}))
        headers |= {"ChecksumAlgorithm": "SHA256"} if checked else {}
        with self._request("begin_upload", key):
            return await self._multipart.begin(key, headers)

    async def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> Part:
        _check_part(number)
        with self._request("upload_part", keys.check_key(key)):
            return await self._multipart.put_part(key, upload_id, number, body)

    async def presign_part(self, key: str, upload_id: str, number: int, lives: timedelta) -> str:
        _check_part(number)
        part = {"UploadId": upload_id, "PartNumber": number}
        return await self._presign("upload_part", keys.check_key(key), lives, part)

    async def presign_parts(
        self, key: str, upload_id: str, sums: Mapping[int, str], lives: timedelta
    ) -> Mapping[int, str]:
        keys.check_key(key)
        for number, digest in sums.items():
            _check_part(number)
            keys.check_sha256(digest)
        _check_lives(lives)

        def work(s3: S3Client) -> dict[int, str]:
            same = {"Bucket": self.real_name, "Key": key, "UploadId": upload_id}
            return {
                number: s3.generate_presigned_url(
                    "upload_part",
                    Params={**same, "PartNumber": number, "ChecksumSHA256": in_base64(digest)},
                    ExpiresIn=int(lives.total_seconds()),
                )
                for number, digest in sums.items()
            }

        with translated(key):
            return await self._control.run_for_browsers(work)

    async def list_parts(self, key: str, upload_id: str) -> list[Part]:
        with self._request("list_parts", keys.check_key(key)):
            return await self._multipart.parts_of(key, upload_id)

    async def complete_upload(self, key: str, upload_id: str, parts: list[Part]) -> ObjectInfo:
        if not parts:
            raise InvalidInput.in_field("parts", "An upload has at least one part.")
        with self._request("complete_upload", keys.check_key(key)):
            await self._multipart.complete(key, upload_id, sorted(parts, key=lambda part: part.number))
        return await self.head(key)

    async def abort_upload(self, key: str, upload_id: str) -> None:
        with self._request("abort_upload", keys.check_key(key)):
            await self._multipart.abort(key, upload_id)

    async def ping(self) -> None:
        with self._request("ping", "/"):
            await obstore.list_with_delimiter_async(self._store, prefix="nothing-is-here")

    async def _delete_one(self, key: str) -> None:
        await obstore.delete_async(self._store, key)

    async def _delete_some(self, names: Sequence[str]) -> None:
        """Not obstore's: it takes the answer for an error when a key holds one of S3's words, such as SlowDown."""

        def work(s3: S3Client) -> list[str]:
            listed: list[Any] = [{"Key": name} for name in names]
            answer = s3.delete_objects(Bucket=self.real_name, Delete={"Objects": listed, "Quiet": True})
            return [error.get("Key", "") for error in answer.get("Errors", [])]

        failed = await self._control.run(work)
        if failed:
            raise Unavailable(f"{len(failed)} of {len(names)} objects were not deleted, such as {failed[0]}.")

    async def _put_whole(
        self,
        key: str,
        body: bytes,
        headers: Mapping[str, str],
        entries: Mapping[str, str],
        expected: str | None,
        only_if_absent: bool,
    ) -> Stored:
        digest = await self._sha256(body)
        check_digest(key, digest, expected)
        result = await obstore.put_async(
            self._store,
            key,
            body,
            attributes={**headers, **entries, keys.SHA256: digest},
            mode="create" if only_if_absent else "overwrite",
            use_multipart=False,
        )
        return Stored(key=key, size=len(body), etag=_bare(result["e_tag"]), sha256=digest)

    async def _sha256(self, body: bytes) -> str:
        if len(body) <= HASH_HERE_BYTES:
            return hashlib.sha256(body).hexdigest()
        return await self._control.compute(lambda: hashlib.sha256(body).hexdigest())

    async def _window(self, key: str, start: int, end: int, etag: str | None) -> Window:
        options: Any = {"range": (start, end)} | ({"if_match": f'"{etag}"'} if etag else {})
        try:
            with self._request("get", key):
                result = await obstore.get_async(self._store, key, options=options)
                body = bytes(await result.bytes_async())
        except RangeOutside:
            if start == 0:  # an empty object has no range at all
                return Window(b"", 0, "")
            raise
        return Window(body, result.meta["size"], _bare(result.meta["e_tag"]))

    async def _presign(self, operation: str, key: str, lives: timedelta, more: Mapping[str, Any]) -> str:
        _check_lives(lives)

        def work(s3: S3Client) -> str:
            parameters = {"Bucket": self.real_name, "Key": key, **more}
            return s3.generate_presigned_url(operation, Params=parameters, ExpiresIn=int(lives.total_seconds()))

        with translated(key):
            return await self._control.run_for_browsers(work)

    @contextmanager
    def _request(self, operation: str, key: str) -> Iterator[None]:
        started = self._clock.monotonic()
        outcome = "error"
        try:
            with translated(key):
                yield
            outcome = "ok"
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            self._seconds.record(self._clock.monotonic() - started, operation=operation, outcome=outcome)


def _info(
    meta: ObjectMeta,
    *,
    content_type: str = "application/octet-stream",
    metadata: Mapping[str, str] | None = None,
    sha256: str | None = None,
) -> ObjectInfo:
    return ObjectInfo(
        key=meta["path"],
        size=meta["size"],
        etag=_bare(meta["e_tag"]),
        modified=meta["last_modified"],
        content_type=content_type,
        metadata=metadata or {},
        sha256=sha256,
    )


def _bare(etag: str | None) -> str:
    return (etag or "").strip('"')


def _boto_headers(headers: Mapping[str, str], entries: Mapping[str, str]) -> dict[str, Any]:
    return {name.replace("-", ""): value for name, value in headers.items()} | {"Metadata": dict(entries)}


def _check_part(number: int) -> None:
    if not 1 <= number <= MAX_PARTS:
        raise InvalidInput.in_field("number", f"Parts are numbered from 1 to {MAX_PARTS}.")


def _check_lives(lives: timedelta) -> None:
    if not timedelta(seconds=1) <= lives <= MAX_PRESIGNED:
        raise InvalidInput.in_field("lives", "A presigned address lives between a second and seven days.")


def _attachment(name: str) -> str:
    """Both ways of saying it: an old browser gets what is left of the name in ASCII."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
