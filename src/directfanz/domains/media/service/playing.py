"""What a page needs to show a file: addresses, sizes, tracks, and where the person stopped.

Like `delivery`, this asks nobody's rights: **whoever calls it has asked `entitlements` first**, or that somebody is of the team.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.media.models import Asset, Caption, Kind, Rendition, ViewGrant
from directfanz.domains.media.service import delivery, library, watching
from directfanz.http.caller import Caller
from directfanz.kit.time import rfc3339

THUMBNAIL = 640


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    src: str
    mime: str
    width: int
    height: int


class Source(msgspec.Struct, frozen=True, kw_only=True):
    src: str
    mime: str


class Track(msgspec.Struct, frozen=True, kw_only=True):
    src: str
    language: str
    label: str
    kind: str


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """All addresses open until `expires_at` for who has the cookies that came along. `renew` gives new ones, for as long as one may."""

    asset_id: UUID
    kind: Kind
    title: str
    renew: str
    expires_at: datetime
    duration_ms: int = 0
    width: int = 0
    height: int = 0
    playlist: str | None = None
    sources: list[Source] = []
    poster: str | None = None
    pictures: list[Picture] = []
    moving: str | None = None
    pages: int = 0
    storyboard: str | None = None
    waveform: str | None = None
    tracks: list[Track] = []
    position_ms: int = 0
    download: str | None = None

    @property
    def until(self) -> str:
        """As every browser reads moments."""
        return rfc3339(self.expires_at)

    @property
    def as_json(self) -> str:
        """For the script of the page."""
        return msgspec.json.encode(self).decode()


async def open_playback(
    backends: Backends, caller: Caller, asset: Asset, *, renew: str, title: str = "", download: str | None = None
) -> tuple[Playback, ViewGrant]:
    """`renew` and `download` are addresses of whoever decides that this person may."""
    grant = await delivery.open_view(backends, asset)
    made = await library.renditions_of(backends.database, asset)
    captions = await library.captions_of(backends.database, asset.id) if asset.kind in ("video", "audio") else []
    positions = await watching.where(backends, caller, [asset.id])
    return playback_of(asset, made, captions, grant, positions, renew=renew, title=title, download=download), grant


def playback_of(
    asset: Asset, made: Sequence[Rendition], captions: Sequence[Caption], grant: ViewGrant, positions: Mapping[UUID, int],
    *, renew: str, title: str = "", download: str | None = None,
) -> Playback:  # fmt: skip
    base = f"{grant.base_url}{asset.version}/"
    by_role = _by_role(made)

    def one(role: str) -> str | None:
        return next((base + each.path for each in by_role.get(role, [])), None)

    pictures = [_picture(base, each) for each in by_role.get("image", []) if each.path != "moving.webp"]
    posters = sorted(
        (each for each in by_role.get("poster", []) if each.mime in ("image/webp", "image/jpeg")),
        key=lambda each: (each.mime == "image/webp", each.width or 0),
    )
    poster = next((each for each in posters if (each.width or 0) >= THUMBNAIL), posters[-1] if posters else None)
    return Playback(
        asset_id=asset.id,
        kind=asset.kind,
        title=title or asset.name,
        renew=renew,
        expires_at=grant.expires_at,
        duration_ms=_number(asset.facts, "duration_ms"),
        width=_number(asset.facts, "width"),
        height=_number(asset.facts, "height"),
        playlist=one("playlist"),
        sources=_sources(base, by_role.get("audio", [])) if asset.kind == "audio" else [],
        poster=base + poster.path if poster else None,
        pictures=pictures,
        moving=next((base + each.path for each in made if each.path == "moving.webp"), None),
        pages=_number(asset.facts, "pages"),
        storyboard=next(
            (base + each.path for each in by_role.get("storyboard", []) if each.path.endswith(".vtt")), None
        ),
        waveform=one("waveform"),
        tracks=[
            Track(src=grant.base_url + each.path, language=each.language, label=each.label, kind=each.kind)
            for each in captions
        ],
        position_ms=positions.get(asset.id, 0),
        download=download,
    )


def _by_role(made: Sequence[Rendition]) -> dict[str, list[Rendition]]:
    found: dict[str, list[Rendition]] = {}
    for each in sorted(made, key=lambda each: (each.width or 0, each.path)):
        found.setdefault(each.role, []).append(each)
    return found


def _picture(base: str, made: Rendition) -> Picture:
    return Picture(src=base + made.path, mime=made.mime, width=made.width or 0, height=made.height or 0)


def _sources(base: str, made: Sequence[Rendition]) -> list[Source]:
    """Opus first: who plays it gets the smaller one."""
    known = {"audio/ogg": 'audio/ogg; codecs="opus"', "audio/mp4": 'audio/mp4; codecs="mp4a.40.2"'}
    found = [Source(src=base + each.path, mime=known[each.mime]) for each in made if each.mime in known]
    return sorted(found, key=lambda each: "opus" not in each.mime)


def _number(facts: Mapping[str, Any], name: str) -> int:
    value = facts.get(name, 0)
    return int(value) if isinstance(value, int | float) else 0
