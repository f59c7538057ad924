"""Copies of any size that the store makes itself, from bucket to bucket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from directfanz.backends.storage.contract import MAX_PARTS, Part
from directfanz.backends.storage.control import Control

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# In pieces that a slow store copies well within our patience; a small object in one.
PIECE_BYTES = 64 * 1024 * 1024
PIECES_AT_ONCE = 2


def piece_bytes_for(size: int) -> int:
    return max(PIECE_BYTES, -(-size // MAX_PARTS))


async def size_of(control: Control, bucket: str, key: str) -> int:
    def work(s3: S3Client) -> int:
        return s3.head_object(Bucket=bucket, Key=key)["ContentLength"]

    return await control.run(work)


async def whole(control: Control, source: Mapping[str, str], bucket: str, key: str, headers: Mapping[str, Any]) -> None:
    def work(s3: S3Client) -> None:
        s3.copy_object(Bucket=bucket, Key=key, CopySource=source, MetadataDirective="REPLACE", **headers)  # type: ignore[arg-type]

    await control.run(work)


async def pieces(
    control: Control, source: Mapping[str, str], size: int, bucket: str, key: str, upload_id: str
) -> list[Part]:
    """Of an upload that is open; a few at once."""
    step = piece_bytes_for(size)
    turn = asyncio.Semaphore(PIECES_AT_ONCE)

    async def one(number: int, start: int) -> Part:
        end = min(start + step, size)

        def work(s3: S3Client) -> str:
            return s3.upload_part_copy(
                Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, CopySource=source,  # type: ignore[arg-type]
                CopySourceRange=f"bytes={start}-{end - 1}",
            )["CopyPartResult"]["ETag"]  # fmt: skip

        async with turn:
            return Part(number, (await control.run(work)).strip('"'), end - start)

    return list(await asyncio.gather(*(one(n, start) for n, start in enumerate(range(0, size, step), 1))))
