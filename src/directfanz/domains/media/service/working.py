"""What the team sees of the work on a file: how far it is, what was tried, and how to stop it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.media.errors import AssetMoved
from directfanz.domains.media.models import Asset, State
from directfanz.domains.media.repository import processing
from directfanz.domains.media.repository.processing import Attempt
from directfanz.domains.media.service import library, states
from directfanz.http.caller import Caller


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`progress` is from 0 to 1, of the whole work; `waiting` says that no machine has taken it up yet."""

    asset_id: UUID
    state: State
    stage: str
    progress: float
    waiting: bool
    attempt: int
    reason_code: str | None
    reason: str | None
    attempts: list[Attempt] = []


async def progress(backends: Backends, caller: Caller, asset_id: UUID) -> Progress:
    asset = await library.get(backends, caller, asset_id)
    async with backends.database.writing() as tx:
        found = await processing.standing(tx, asset_id)
        tried = await processing.attempts(tx, asset_id)
    return _progress(asset, found, tried)


async def progress_of(backends: Backends, files: list[Asset]) -> dict[UUID, Progress]:
    """For a list that the team may see already."""
    async with backends.database.writing() as tx:
        found = await processing.standings(tx, [each.id for each in files])
    return {each.id: _progress(each, found.get(each.id), []) for each in files}


async def cancel(backends: Backends, caller: Caller, asset_id: UUID) -> Asset:
    """Who works on it hears of it within seconds; what only waits is stopped at once. Pressed twice it is stopped once."""
    asset = await library.get(backends, caller, asset_id)
    if asset.state != "processing":
        if asset.state == "failed":
            return asset
        raise AssetMoved("Nobody works on this file at the moment.")
    async with backends.database.writing() as tx:
        if not await processing.ask_to_cancel(tx, asset_id, backends.clock.now()):
            await states.fail(
                backends,
                tx,
                asset_id,
                "processing",
                "cancelled",
                "You stopped the work on it. Try again whenever you like.",
            )
    return await library.get(backends, caller, asset_id)


def _progress(asset: Asset, found: processing.Standing | None, tried: list[Attempt]) -> Progress:
    working = found is not None and found.worker is not None
    return Progress(
        asset_id=asset.id,
        state=asset.state,
        stage="done" if asset.state == "ready" else found.stage if found and working else "waiting",
        progress=1.0 if asset.state == "ready" else round(found.progress, 4) if found and working else 0.0,
        waiting=asset.state == "processing" and not working,
        attempt=found.attempt if found else 0,
        reason_code=asset.reason_code,
        reason=asset.reason,
        attempts=tried,
    )
