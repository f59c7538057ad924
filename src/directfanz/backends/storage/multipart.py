"""Uploads in parts: those that a client sends over hours, and our own of bodies too large to hold."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from directfanz.backends.storage import copying
from directfanz.backends.storage.contract import MAX_PARTS, Part, Stored
from directfanz.backends.storage.control import Control
from directfanz.backends.storage.faults import translated
from directfanz.errors import DirectFanzError, InvalidInput, TooLarge

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PART_BYTES = 8 * 1024 * 1024
# Of our own uploads, in the air at once: with the part being filled, three times PART_BYTES is all the memory of one upload.
PARTS_AT_ONCE = 2
log = logging.getLogger("directfanz.storage")


class Multipart:
    """Uploads into one bucket, as S3 names it."""

    def __init__(self, control: Control, bucket: str) -> None:
        self._control = control
        self._bucket = bucket

    async def begin(self, key: str, headers: Mapping[str, Any]) -> str:
        def work(s3: S3Client) -> str:
            return s3.create_multipart_upload(Bucket=self._bucket, Key=key, **headers)["UploadId"]

        with translated(key):
            return await self._control.run(work)

    async def put_part(self, key: str, upload_id: str, number: int, body: bytes | memoryview) -> Part:
        def work(s3: S3Client) -> str:
            return s3.upload_part(
                Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=bytes(body)
            )["ETag"]

        with translated(key):
            return Part(number, (await self._control.run(work)).strip('"'), len(body))

    async def parts_of(self, key: str, upload_id: str) -> list[Part]:
        def work(s3: S3Client) -> list[Part]:
            pages = s3.get_paginator("list_parts").paginate(Bucket=self._bucket, Key=key, UploadId=upload_id)
            return [
                Part(part["PartNumber"], part["ETag"].strip('"'), part["Size"])
                for page in pages
                for part in page.get("Parts", [])
            ]

        with translated(key):
            return await self._control.run(work)

    async def complete(self, key: str, upload_id: str, parts: list[Part], *, only_if_absent: bool = False) -> str:
        """The new object's ETag."""
        named = [
            {"PartNumber": part.number, "ETag": f'"{part.etag}"'}
            | ({"ChecksumSHA256": in_base64(part.sha256)} if part.sha256 else {})
            for part in parts
        ]
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if only_if_absent else {}

        def work(s3: S3Client) -> str:
            return s3.complete_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": named},  # type: ignore[typeddict-item]
                **condition,
            )["ETag"]

        with translated(key):
            return (await self._control.run(work)).strip('"')

    async def abort(self, key: str, upload_id: str) -> None:
        """One that is gone already is gone."""

        def work(s3: S3Client) -> None:
            try:
                s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
            except s3.exceptions.NoSuchUpload:
                return

        with translated(key):
            await self._control.run(work)

    async def take_from(self, bucket: str, source: str, key: str, headers: Mapping[str, Any]) -> None:
        """Under the target's name nothing is to be seen before all of it is there."""
        place = {"Bucket": bucket, "Key": source}
        with translated(source):
            size = await copying.size_of(self._control, bucket, source)
            if size <= copying.PIECE_BYTES:
                await copying.whole(self._control, place, self._bucket, key, headers)
                return
        upload_id = await self.begin(key, headers)
        try:
            with translated(source):
                parts = await copying.pieces(self._control, place, size, self._bucket, key, upload_id)
            await self.complete(key, upload_id, parts)
        except BaseException:
            await self._abort_quietly(key, upload_id)
            raise

    async def put_stream(
        self,
        key: str,
        pieces: AsyncIterator[bytes],
        headers: Mapping[str, Any],
        *,
        sha256: str | None,
        only_if_absent: bool,
    ) -> Stored:
        """Each piece is a part. Nothing is to be seen of the object before its checksum has been compared."""
        upload_id = await self.begin(key, {**headers, "ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"})
        sending = _Sending(self, key, upload_id)
        try:
            digest = await self._send_all(sending, pieces)
            check_digest(key, digest, sha256)
            parts = await sending.finish()
            etag = await self.complete(key, upload_id, parts, only_if_absent=only_if_absent)
        except BaseException:
            await self._clean_up(sending, key, upload_id)
            raise
        return Stored(key=key, size=sum(part.size for part in parts), etag=etag, sha256=digest)

    async def _send_all(self, sending: _Sending, pieces: AsyncIterator[bytes]) -> str:
        hasher = hashlib.sha256()
        async for piece in pieces:
            await self._control.compute(lambda piece=piece: hasher.update(piece))  # type: ignore[misc]
            await sending.send(piece)
        return hasher.hexdigest()

    async def _clean_up(self, sending: _Sending, key: str, upload_id: str) -> None:
        """A part that arrives after the end would stay, so first wait for those on their way."""
        await sending.settle()
        await self._abort_quietly(key, upload_id)

    async def _abort_quietly(self, key: str, upload_id: str) -> None:
        try:
            await self.abort(key, upload_id)
        except DirectFanzError as error:  # the bucket's lifecycle removes what is left of it
            log.warning("An upload that failed was not removed: %s", error)


class _Sending:
    """Parts on their way, never more than PARTS_AT_ONCE."""

    def __init__(self, multipart: Multipart, key: str, upload_id: str) -> None:
        self._multipart = multipart
        self._key = key
        self._upload_id = upload_id
        self._number = 0
        self._done: list[Part] = []
        self._on_the_way: set[asyncio.Task[Part]] = set()

    async def send(self, piece: bytes) -> None:
        if len(self._on_the_way) >= PARTS_AT_ONCE:
            await self._land(asyncio.FIRST_COMPLETED)
        self._number += 1
        if self._number > MAX_PARTS:
            raise TooLarge(f"{self._key} is larger than {MAX_PARTS * PART_BYTES // 1024**3} GiB.")
        part = self._multipart.put_part(self._key, self._upload_id, self._number, piece)
        self._on_the_way.add(asyncio.create_task(part))

    async def finish(self) -> list[Part]:
        if self._on_the_way:
            await self._land(asyncio.ALL_COMPLETED)
        return sorted(self._done, key=lambda part: part.number)

    async def settle(self) -> None:
        await asyncio.gather(*self._on_the_way, return_exceptions=True)

    async def _land(self, when: str) -> None:
        landed, self._on_the_way = await asyncio.wait(self._on_the_way, return_when=when)
        self._done.extend([part.result() for part in landed])


def in_base64(digest: str) -> str:
    """S3's way of writing a checksum."""
    return b64encode(bytes.fromhex(digest)).decode()


def check_digest(key: str, digest: str, expected: str | None) -> None:
    if expected is not None and digest != expected:
        raise InvalidInput.in_field(
            "sha256", f"What came for {key} has another SHA-256 than was announced.", "Send it again."
        )
