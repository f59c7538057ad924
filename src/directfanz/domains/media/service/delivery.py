"""Ways to a file's bytes, for less than a minute.

Nothing here asks who is asking: **whoever calls this has asked `entitlements` first**, or that somebody is of the team. Grants are made
anew while somebody watches, so access that is taken away ends within the minute.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.media.errors import NotReady
from directfanz.domains.media.models import MEDIA, Asset, OriginalGrant, ViewGrant
from directfanz.domains.media.service import library
from directfanz.errors import ConfigurationError
from directfanz.http.caller import Caller


async def open_view(backends: Backends, asset: Asset) -> ViewGrant:
    """What viewers get of it: playlists, pictures, captions; never the original."""
    _require_there(asset)
    found = await backends.cdn.open_folder(f"{_path(backends)}{asset.views}/", _lives(backends))
    return ViewGrant(
        base_url=found.base_url, cookies=found.cookies, cookie_path=found.cookie_path, query=found.query,
        expires_at=found.expires_at,
    )  # fmt: skip


async def open_original(backends: Backends, asset: Asset) -> OriginalGrant:
    """The file itself, saved under its name. For the team, and for who may see it where `downloadable` says so."""
    if asset.original is None or asset.removed_at is not None:
        raise NotReady("This file is not there to be downloaded.")
    found = await backends.cdn.open_file(f"{_path(backends)}{asset.original}", _lives(backends), save_as=asset.name)
    return OriginalGrant(url=found.url, expires_at=found.expires_at)


async def open_original_for_team(backends: Backends, caller: Caller, asset_id: UUID) -> OriginalGrant:
    return await open_original(backends, await library.get(backends, caller, asset_id))


async def open_view_for_team(backends: Backends, caller: Caller, asset_id: UUID) -> ViewGrant:
    return await open_view(backends, await library.get(backends, caller, asset_id))


def _require_there(asset: Asset) -> None:
    if asset.state != "ready" or asset.removed_at is not None:
        raise NotReady("This file is not ready yet." if asset.removed_at is None else "This file was removed.")


def _lives(backends: Backends) -> timedelta:
    return timedelta(seconds=backends.platform.media.grant_seconds)


def _path(backends: Backends) -> str:
    """Where the edge shows the bucket: `/media/`."""
    for path, route in backends.platform.routes.items():
        if route.bucket == MEDIA and route.signed:
            return path
    raise ConfigurationError(f"No signed route in platform.toml leads to the bucket {MEDIA}.")
