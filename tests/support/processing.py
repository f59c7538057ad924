"""Files that lie in the bucket already and are to be worked on: `asset = await waiting(stage, ada, page, "video", path)`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.transcoder.ffmpeg.adapter import FfmpegTranscoder
from directfanz.domains.creators.models import Creator
from directfanz.domains.media.models import Asset, Kind, Rendition
from directfanz.domains.media.processing.working import process
from directfanz.domains.media.repository import assets, renditions
from directfanz.kit.ids import new_id
from directfanz.platform_toml.media import Step
from tests.support.accounts import Someone, Stage

MIMES = {
    "video": "video/mp4",
    "audio": "audio/mpeg",
    "image": "image/png",
    "document": "application/pdf",
    "file": "a/b",
}
SMALL = (Step(height=180, kbps=400), Step(height=120, kbps=200), Step(height=60, kbps=80))


def small(backends: Backends, **rules: object) -> Backends:
    """With a ladder for small films, and other rules where a test says so."""
    told = {"steps": SMALL, "nice": 0, "image_sizes": (64, 320), **rules}
    changed = msgspec.structs.replace(backends.platform.processing, **told)
    return dataclasses.replace(
        backends,
        platform=msgspec.structs.replace(backends.platform, processing=changed),
        transcoder=FfmpegTranscoder(backends.storage, changed),
    )


async def waiting(
    stage: Stage, who: Someone, page: Creator, kind: Kind, body: bytes | Path, *, name: str = "file", mime: str = ""
) -> Asset:
    """As a scan leaves it."""
    data = body.read_bytes() if isinstance(body, Path) else body
    asset_id, now = new_id(), stage.backends.clock.now()
    asset = Asset(
        id=asset_id, creator_id=page.id, uploaded_by=who.user_id, source="upload", kind=kind, name=name, bytes=len(data),
        sha256=None, mime=mime or MIMES[kind], state="processing", reason_code=None, reason=None,
        original=f"{asset_id.hex}/o/{name}", version=1, facts={}, downloadable=False, created_at=now, updated_at=now,
        ready_at=None, removed_at=None,
    )  # fmt: skip
    assert asset.original
    await stage.backends.storage.bucket("media").put(asset.original, data)
    async with stage.backends.database.writing() as tx:
        await assets.insert(tx, asset)
    return asset


async def worked_on(backends: Backends, asset_id: UUID) -> tuple[Asset, list[Rendition]]:
    await process(backends, asset_id)
    return await standing(backends, asset_id)


async def standing(backends: Backends, asset_id: UUID) -> tuple[Asset, list[Rendition]]:
    async with backends.database.writing() as tx:
        asset = await assets.find(tx, asset_id)
        assert asset is not None
        return asset, await renditions.of_asset(tx, asset_id, asset.version)


async def body_of(backends: Backends, asset: Asset, made: Rendition) -> bytes:
    return await backends.storage.bucket("media").get(f"{asset.views}/{asset.version}/{made.path}")


async def put_into_house(environment: dict[str, str], slug: str, kind: Kind, path: Path, name: str) -> UUID:
    """A file that arrived on a running platform: its worker takes it up."""
    from directfanz.backends.assembly import opened
    from directfanz.domains.creators.service import lookup
    from directfanz.domains.media.processing import process_later
    from directfanz.settings import load

    async with opened(load(environment), service="web") as backends:
        page = await lookup.by_slug(backends.database, slug)
        asset_id, now = new_id(), backends.clock.now()
        body = path.read_bytes()
        asset = Asset(
            id=asset_id, creator_id=page.id, uploaded_by=None, source="upload", kind=kind, name=name, bytes=len(body),
            sha256=None, mime=MIMES[kind], state="processing", reason_code=None, reason=None,
            original=f"{asset_id.hex}/o/{path.name}", version=1, facts={}, downloadable=False, created_at=now,
            updated_at=now, ready_at=None, removed_at=None,
        )  # fmt: skip
        assert asset.original
        await backends.storage.bucket("media").put(asset.original, body)
        async with backends.database.writing() as tx:
            await assets.insert(tx, asset)
            await process_later(backends, tx, asset_id)
    return asset_id
