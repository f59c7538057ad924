"""The file of a post that a podcast player plays: its first sound, in the form that every player knows; else a film that may be
downloaded whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.content.service import viewing
from directfanz.domains.discovery.errors import NoSuchFeed
from directfanz.domains.discovery.service.feeds.writing import File
from directfanz.domains.media.models import Asset, Rendition
from directfanz.domains.media.service import library

PLAYED = ("audio/mp4", "audio/mpeg")
FILMS = ("video/mp4",)


async def of_readings(backends: Backends, found: Sequence[Reading]) -> Mapping[UUID, File]:
    """By post; a post without such a file is left out, and so is one that is not open."""
    held = {each.post.id: [part.asset for part in each.assets] for each in found if each.open}
    sounds = [
        asset.id for assets in held.values() for asset in assets if asset.kind == "audio" and asset.state == "ready"
    ]
    async with backends.database.reading() as reader:
        made = await library.renditions_of_all(reader, sounds) if sounds else {}
    files = {post_id: _first(assets, made) for post_id, assets in held.items()}
    return {post_id: file for post_id, file in files.items() if file is not None}


async def address_of(backends: Backends, found: Reading, asset_id: UUID) -> str:
    """For less than a minute. What is asked for must be a file of this very post."""
    seen = await viewing.of_reading(backends, found, downloads=True)
    for file in seen.files:
        if file.asset_id != asset_id or not file.ready:
            continue
        sound = _sound(list(file.renditions))
        if sound is not None and file.kind == "audio":
            return f"{file.base_url}{sound.path}?{file.query}"
        if file.download:
            return file.download
    raise NoSuchFeed("There is no such episode any more.")


def _first(assets: Sequence[Asset], made: Mapping[UUID, Sequence[Rendition]]) -> File | None:
    for asset in assets:
        if (sound := _sound(made.get(asset.id, ()))) is not None:
            suffix = ".mp3" if sound.mime == "audio/mpeg" else ".m4a"
            return _file(asset, sound.mime, sound.bytes, suffix)
    for asset in assets:
        if asset.mime in FILMS and asset.state == "ready" and asset.downloadable and asset.original:
            return _file(asset, asset.mime, asset.bytes, ".mp4")
    return None


def _sound(made: Sequence[Rendition]) -> Rendition | None:
    return next((each for each in made if each.role == "audio" and each.mime in PLAYED), None)


def _file(asset: Asset, mime: str, size: int, suffix: str) -> File:
    seconds = round(int(asset.facts.get("duration_ms") or 0) / 1000)
    return File(asset_id=asset.id, mime=mime, bytes=size, seconds=seconds, suffix=suffix)
