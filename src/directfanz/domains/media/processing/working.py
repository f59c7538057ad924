"""One attempt at a file, from the lease to its outcome."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.transcoder.contract import BadMedia
from directfanz.domains.media.errors import AssetMoved
from directfanz.domains.media.models import Asset, Kind
from directfanz.domains.media.processing import documents, films, leases, pictures, sounds, telling
from directfanz.domains.media.processing.bench import Bench, Outcome, bench
from directfanz.domains.media.processing.leases import GivenUp, Lease, LeaseLost
from directfanz.domains.media.repository import assets, processing, renditions
from directfanz.domains.media.service import states
from directfanz.domains.media.service.subtitles import keep_embedded

log = logging.getLogger("directfanz.media")
# A file that ends its worker again and again is not given to a further one.
TRIES_IN_VAIN = 4
WORK: dict[Kind, Callable[[Bench], Awaitable[Outcome]]] = {
    "video": films.work,
    "audio": sounds.work,
    "image": pictures.work,
    "document": documents.work,
}
GIVEN_UP = "You stopped the work on it. Try again whenever you like."
IN_VAIN = "We tried several times and our machines gave up on it. Try again later, or save the file in another format."


async def process(backends: Backends, asset_id: UUID) -> None:
    """Returns when the file is ready or failed, or somebody else has it. Raises what another attempt may mend."""
    async with backends.database.writing() as tx:
        asset = await assets.find(tx, asset_id)
    if asset is None or asset.state != "processing" or asset.removed_at is not None:
        return
    lease = await leases.take(backends, asset)
    if lease is None:
        return  # its worker is alive, or will be missed: `rescue` looks
    began = backends.clock.monotonic()
    outcome = "interrupted"
    try:
        if await leases.tries_in_vain(backends, asset_id) >= TRIES_IN_VAIN:
            raise BadMedia("in_vain", IN_VAIN)
        made = await _worked(backends, asset, lease)
        outcome = await _ready(backends, asset, lease, made)
    except BadMedia as bad:
        outcome = await _failed(backends, asset, lease, bad.reason, bad.message, "failed")
    except GivenUp:
        outcome = await _failed(backends, asset, lease, "cancelled", GIVEN_UP, "cancelled")
    except LeaseLost:
        outcome = "lost"
        log.warning("the file %s has another worker now", asset_id)
    finally:
        if outcome == "interrupted":
            await asyncio.shield(_interrupted(backends, asset, lease))
        _measure(backends, asset, outcome, backends.clock.monotonic() - began)


async def _worked(backends: Backends, asset: Asset, lease: Lease) -> Outcome:
    """The work and its heartbeat: when one of them ends, so does the other."""
    async with bench(backends, asset, lease) as place:
        work = asyncio.ensure_future(WORK[asset.kind](place))
        heart = asyncio.ensure_future(lease.hold())
        try:
            await asyncio.wait({work, heart}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            heart.result()
            raise LeaseLost
        finally:
            for task in (work, heart):
                task.cancel()
            await asyncio.gather(work, heart, return_exceptions=True)


async def _ready(backends: Backends, asset: Asset, lease: Lease, made: Outcome) -> str:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        if await processing.is_unwanted(tx, asset.id, lease.worker):
            raise GivenUp  # since the last heartbeat
        if not await processing.end(tx, asset.id, lease.worker, "ready", now):
            raise LeaseLost
        await renditions.insert(tx, asset.id, asset.version, made.renditions)
        await assets.add_facts(tx, asset.id, made.facts, now)
        await states.move(backends, tx, asset.id, "processing", "ready")
    await keep_embedded(backends, asset, made.subtitles)
    await telling.ended(backends, asset, "ready")
    return "ready"


async def _failed(backends: Backends, asset: Asset, lease: Lease, code: str, reason: str, outcome: str) -> str:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        if not await processing.end(tx, asset.id, lease.worker, outcome, now, reason_code=code, reason=reason):
            return "lost"
        if not await states.fail(backends, tx, asset.id, "processing", code, reason):
            raise AssetMoved("This file is not processing any more.")
        if outcome == "failed":
            await telling.failed(backends, tx, asset, lease.attempt, reason)
    await telling.ended(backends, asset, "failed", reason)
    return outcome


async def _interrupted(backends: Backends, asset: Asset, lease: Lease) -> None:
    """The next worker need not wait for the lease to end."""
    async with backends.database.writing() as tx:
        await processing.end(
            tx, asset.id, lease.worker, "interrupted", backends.clock.now(), reason_code="interrupted",
            reason="The work was interrupted and goes on elsewhere.",
        )  # fmt: skip


def _measure(backends: Backends, asset: Asset, outcome: str, seconds: float) -> None:
    backends.telemetry.counter("media_processed_total").add(1, kind=asset.kind, outcome=outcome)
    backends.telemetry.histogram("media_processing_seconds").record(seconds, kind=asset.kind)
