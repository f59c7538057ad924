"""The files of a page. Its team sees and changes them; other domains find them by id."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.service import team
from directfanz.domains.media.errors import AssetMoved, NoSuchAsset
from directfanz.domains.media.models import Asset, Caption, Kind, Rendition, State
from directfanz.domains.media.policy.names import shown_name
from directfanz.domains.media.repository import assets, renditions
from directfanz.http.caller import Caller

MOST_REMOVED_SHOWN = 200


# --- for other domains, which know whom they ask for ------------------------------------------------------------------


async def find(reader: Reader, asset_id: UUID) -> Asset | None:
    """None also for a removed one."""
    found = await assets.find(reader, asset_id)
    return None if found is None or found.removed_at is not None else found


async def by_ids(reader: Reader, asset_ids: Collection[UUID]) -> list[Asset]:
    """Those that are there, in no order; removed ones are not."""
    return await assets.by_ids(reader, asset_ids) if asset_ids else []


async def renditions_of(reader: Reader, asset: Asset) -> list[Rendition]:
    """Of its version of today."""
    return await renditions.of_asset(reader, asset.id, asset.version)


async def renditions_of_all(reader: Reader, asset_ids: Collection[UUID]) -> Mapping[UUID, list[Rendition]]:
    return await renditions.of_assets(reader, asset_ids) if asset_ids else {}


async def captions_of(reader: Reader, asset_id: UUID) -> list[Caption]:
    return await renditions.captions_of(reader, asset_id)


# --- for the team -----------------------------------------------------------------------------------------------------


async def get(backends: Backends, caller: Caller, asset_id: UUID) -> Asset:
    """For whoever may write posts on its page; to others it is not there."""
    async with backends.database.writing() as tx:  # the primary: uploaded a moment ago is there
        return await require(tx, caller, asset_id)


async def list_for_team(
    backends: Backends, caller: Caller, creator_id: UUID, *, kind: Kind | None = None, state: State | None = None,
    words: str = "", before: tuple[datetime, UUID] | None = None, limit: int = 50,
) -> list[Asset]:  # fmt: skip
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        return await assets.of_library(tx, creator_id, kind, state, words.strip(), before, limit)


async def removed_for_team(backends: Backends, caller: Caller, creator_id: UUID) -> list[Asset]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        return await assets.removed_of(tx, creator_id, MOST_REMOVED_SHOWN)


async def describe(
    backends: Backends, caller: Caller, asset_id: UUID, *, name: str | None = None, downloadable: bool | None = None
) -> Asset:
    async with backends.database.writing() as tx:
        asset = await require(tx, caller, asset_id)
        called = asset.name if name is None else shown_name(name)
        saved = asset.downloadable if downloadable is None else downloadable
        await assets.describe(tx, asset_id, called, saved, backends.clock.now())
        return await _again(tx, asset_id)


async def remove(backends: Backends, caller: Caller, asset_id: UUID) -> Asset:
    """It is out of every post at once, and can be fetched back until the sweeper comes."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        asset = await require(tx, caller, asset_id, also_removed=True)
        if asset.removed_at is None and await assets.set_removed(tx, asset_id, now, now):
            await audit.record(
                tx, actor=caller.user_id, action="media.removed", target=asset.creator_id, asset=str(asset_id)
            )
        return await _again(tx, asset_id)


async def fetch_back(backends: Backends, caller: Caller, asset_id: UUID) -> Asset:
    async with backends.database.writing() as tx:
        asset = await require(tx, caller, asset_id, also_removed=True)
        if asset.removed_at is not None and not await assets.set_removed(tx, asset_id, None, backends.clock.now()):
            raise AssetMoved("This file was changed meanwhile. Look again.")
        return await _again(tx, asset_id)


async def require(reader: Reader, caller: Caller, asset_id: UUID, *, also_removed: bool = False) -> Asset:
    """`NoSuchAsset` for everybody else, so that nobody learns what a page keeps."""
    asset = await assets.find(reader, asset_id)
    if asset is None or (asset.removed_at is not None and not also_removed):
        raise no_such_asset()
    if await team.role_of(reader, caller, asset.creator_id) is None:
        raise no_such_asset()
    await team.require(reader, caller, asset.creator_id, "posts")
    return asset


def no_such_asset() -> NoSuchAsset:
    return NoSuchAsset("There is no such file, or not any more.")


async def _again(tx: Writer, asset_id: UUID) -> Asset:
    found = await assets.find(tx, asset_id)
    if found is None:
        raise no_such_asset()
    return found
