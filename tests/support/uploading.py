"""Files on their way: `asset = await uploaded(stage, ada, page, body)` is one that arrived and was looked through."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Collection
from uuid import UUID

import httpx

from directfanz.domains.creators.models import Creator
from directfanz.domains.media.models import Asset, Upload
from directfanz.domains.media.repository import assets
from directfanz.domains.media.service import uploading
from tests.support.accounts import Someone, Stage
from tests.support.work import work_off

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf50070003820180a5a8b3d80000000049454e44ae426082"
)
QUEUES = ("default", "scans", "media")


def wanted(name: str, body: bytes, **more: object) -> uploading.Wanted:
    return uploading.Wanted(name=name, size=len(body), fingerprint=secrets.token_hex(8), **more)  # type: ignore[arg-type]


def part_of(upload: Upload, body: bytes, number: int) -> bytes:
    start = (number - 1) * upload.part_bytes
    return body[start : start + upload.part_bytes]


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def send(stage: Stage, who: Someone, upload: Upload, body: bytes, numbers: Collection[int] | None = None) -> None:
    """As a client does: announce, get addresses, send."""
    wanted_parts = numbers or range(1, upload.parts + 1)
    sums = {number: sum_of(part_of(upload, body, number)) for number in wanted_parts}
    where = await uploading.addresses(stage.backends, await stage.caller(who), upload.id, sums)
    async with httpx.AsyncClient(timeout=30) as client:
        for number, url in where.items():
            answer = await put_part(client, url, part_of(upload, body, number), sums[number])
            assert answer.status_code == 200, answer.text


async def put_part(client: httpx.AsyncClient, url: str, data: bytes, digest: str) -> httpx.Response:
    return await client.put(
        url, content=data, headers={"x-amz-checksum-sha256": b64encode(bytes.fromhex(digest)).decode()}
    )


async def arrived(stage: Stage, who: Someone, page: Creator, body: bytes, name: str = "picture.png") -> Asset:
    """Sent and completed; nothing has looked at it yet."""
    caller = await stage.caller(who)
    upload = await uploading.begin(stage.backends, caller, page.id, wanted(name, body))
    await send(stage, who, upload, body)
    return await uploading.complete(stage.backends, caller, upload.id)


async def uploaded(stage: Stage, who: Someone, page: Creator, body: bytes = PNG, name: str = "picture.png") -> Asset:
    asset = await arrived(stage, who, page, body, name)
    await work_off(stage.backends, queues=QUEUES)
    return await again(stage, asset.id)


async def again(stage: Stage, asset_id: UUID) -> Asset:
    found = await stage.backends.database.run(lambda tx: assets.find(tx, asset_id))
    assert found is not None
    return found
