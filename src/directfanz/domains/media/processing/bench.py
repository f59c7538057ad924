"""One attempt at one file: a folder that is removed, the tools, and the way of what is made into the bucket."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import msgspec

from directfanz.backends import Backends
from directfanz.backends.transcoder.contract import BadMedia
from directfanz.backends.transcoder.workshop import Workshop
from directfanz.domains.media.models import MEDIA, Asset, Rendition, Role
from directfanz.domains.media.processing.leases import Lease
from directfanz.errors import NotFound, Unavailable

GIB = 1024**3
# The original, what one slice of it makes, and something to breathe.
ROOM_FACTOR, ROOM_BYTES = 1.5, GIB
AT_ONCE = 4
MIMES = {
    "avif": "image/avif",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "vtt": "text/vtt",
    "json": "application/json",
    "m4a": "audio/mp4",
    "opus": "audio/ogg",
}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    facts: dict[str, Any]
    renditions: list[Rendition]
    subtitles: list[tuple[str, str]] = []  # language, WebVTT


class Bench:
    def __init__(self, backends: Backends, asset: Asset, lease: Lease, folder: Path) -> None:
        self.backends = backends
        self.asset = asset
        self.lease = lease
        self.folder = folder
        self.workshop = Workshop(backends.platform.processing)
        self.rules = backends.platform.processing
        self.target = f"{asset.views}/{asset.version}"

    async def fetched(self) -> Path:
        """The original, on this machine."""
        asset = self.asset
        if asset.original is None:
            raise BadMedia("gone", "The file itself is not here any more. Upload it again.")
        if asset.bytes > self.rules.scratch_gib * GIB:
            raise BadMedia("too_large", f"Files of more than {self.rules.scratch_gib} GB are not worked on.")
        await asyncio.to_thread(_require_room, self.folder, asset.bytes)
        path = self.folder / "source"
        arrived = 0
        try:
            with await asyncio.to_thread(path.open, "wb") as file:
                async for piece in self.backends.storage.bucket(MEDIA).stream(asset.original):
                    await asyncio.to_thread(file.write, piece)
                    arrived += len(piece)
                    self.lease.share(arrived / max(asset.bytes, 1))
        except NotFound:
            raise BadMedia("gone", "The file itself is not here any more. Upload it again.") from None
        return path

    async def store(self, made: Iterable[tuple[str, Role, int | None, int | None]]) -> list[Rendition]:
        """Files of the folder, by name; they leave it."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(name: str, role: Role, width: int | None, height: int | None) -> Rendition:
            async with places:
                body = await asyncio.to_thread((self.folder / name).read_bytes)
                mime = MIMES[name.rpartition(".")[2]]
                await self.backends.storage.bucket(MEDIA).put(f"{self.target}/{name}", body, content_type=mime)
                await asyncio.to_thread(os.unlink, self.folder / name)
            return Rendition(
                name=name, role=role, path=name, mime=mime, width=width, height=height, bytes=len(body)
            )  # fmt: skip

        return list(await asyncio.gather(*(one(*each) for each in made)))


@asynccontextmanager
async def bench(backends: Backends, asset: Asset, lease: Lease) -> AsyncIterator[Bench]:
    folder = Path(await asyncio.to_thread(mkdtemp, prefix="directfanz-media-", dir=backends.settings.scratch_dir))
    try:
        yield Bench(backends, asset, lease, folder)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _require_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size * ROOM_FACTOR + ROOM_BYTES:
        raise Unavailable(f"The worker has {free // GIB} GB of room left, too little for this file.")
