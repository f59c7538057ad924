"""The files of a post for somebody who may see them: ways to their bytes that last less than a minute, asked for anew while they look.

The only place that asks `media.delivery` for posts, and only with what `reading` has opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.content.errors import NoSuchFile
from directfanz.domains.content.models import PostAsset, Reading
from directfanz.domains.media.models import Asset, Caption, Kind, Rendition, ViewGrant
from directfanz.domains.media.service import delivery, library, playing, watching
from directfanz.domains.media.service.playing import Playback
from directfanz.http.caller import Caller


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `base_url` + `path` + `query` is the address of a rendition. Not `ready`: it is still being prepared."""

    asset_id: UUID
    kind: Kind
    name: str
    caption: str
    alt: str
    ready: bool
    facts: Mapping[str, Any]
    base_url: str = ""
    query: str = ""
    expires_at: datetime | None = None
    renditions: list[Rendition] = []
    captions: list[Caption] = []
    download: str | None = None


class Seen(msgspec.Struct, frozen=True):
    """With the grants, for who sets their cookies."""

    files: list[Shown]
    grants: list[ViewGrant]


class OnPage(msgspec.Struct, frozen=True):
    """A file as a page shows it; without a playback it is still being prepared."""

    file: Shown
    playback: Playback | None


async def of_reading(backends: Backends, found: Reading, *, downloads: bool = False) -> Seen:
    """Nothing of what is locked: `found.assets` is empty then."""
    if not found.open or not found.assets:
        return Seen([], [])
    async with backends.database.reading() as reader:
        made = await library.renditions_of_all(reader, [each.asset.id for each in found.assets])
        said = {
            each.asset.id: await library.captions_of(reader, each.asset.id)
            for each in found.assets
            if _speaks(each.asset)
        }
    files, grants = [], []
    for each in found.assets:
        grant = await delivery.open_view(backends, each.asset) if each.asset.state == "ready" else None
        if grant is not None:
            grants.append(grant)
        saved = await _download(backends, each.asset) if downloads else None
        files.append(_shown(each, grant, made.get(each.asset.id, []), said.get(each.asset.id, []), saved))
    return Seen(files, grants)


async def on_page(backends: Backends, caller: Caller, post_id: UUID, found: Reading, seen: Seen) -> list[OnPage]:
    """What players need, out of what was read for `seen`."""
    ready = {each.asset_id: each for each in seen.files if each.ready}
    stopped = await watching.where(backends, caller, list(ready))
    grants = iter(seen.grants)
    shown = []
    for each, file in zip(found.assets, seen.files, strict=True):
        playback = None
        if file.ready:
            playback = playing.playback_of(
                each.asset, file.renditions, file.captions, next(grants), stopped, renew=renewed_at(post_id, file.asset_id),
                title=file.alt or file.caption or file.name, download=file.download,
            )  # fmt: skip
        shown.append(OnPage(file, playback))
    return shown


def grouped(shown: Sequence[OnPage]) -> list[list[OnPage]]:
    """Pictures that follow each other are shown together."""
    groups: list[list[OnPage]] = []
    for each in shown:
        before = groups[-1][-1] if groups else None
        if before and _is_picture(before) and _is_picture(each):
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _is_picture(each: OnPage) -> bool:
    return each.file.kind == "image" and each.playback is not None


async def play(backends: Backends, caller: Caller, found: Reading, asset_id: UUID) -> tuple[Playback, ViewGrant]:
    """One file of a post that is open to the reader, again and again while they watch."""
    asset = next((each.asset for each in found.assets if each.asset.id == asset_id), None) if found.open else None
    if asset is None:
        raise NoSuchFile("There is no such file in this post, or it is not open to you any more.")
    return await playing.open_playback(backends, caller, asset, renew=renewed_at(found.post.id, asset_id))


def renewed_at(post_id: UUID, asset_id: UUID) -> str:
    return f"/api/v1/posts/{post_id}/files/{asset_id}/playback"


def _shown(
    each: PostAsset,
    grant: ViewGrant | None,
    renditions: Sequence[Rendition],
    captions: Sequence[Caption],
    saved: str | None,
) -> Shown:
    asset = each.asset
    about: dict[str, Any] = {
        "asset_id": asset.id, "kind": asset.kind, "name": asset.name, "caption": each.caption, "alt": each.alt, "facts": asset.facts,
    }  # fmt: skip
    if grant is None:
        return Shown(**about, ready=False)
    return Shown(
        **about, ready=True, base_url=f"{grant.base_url}{asset.version}/", query=grant.query, expires_at=grant.expires_at,
        renditions=list(renditions), captions=list(captions), download=saved,
    )  # fmt: skip


async def _download(backends: Backends, asset: Asset) -> str | None:
    if not asset.downloadable or asset.original is None:
        return None
    return (await delivery.open_original(backends, asset)).url


def _speaks(asset: Asset) -> bool:
    return asset.kind in ("video", "audio")
