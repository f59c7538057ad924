"""What directories of podcasts ask of a page: set by its team, written into its feed."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.backends.jobs.contract import Job
from directfanz.domains.accounts.service import drawing
from directfanz.domains.accounts.service.contacts import checked_address
from directfanz.domains.creators.service import team
from directfanz.domains.discovery.models import PodcastFacts, cover_key
from directfanz.domains.discovery.repository import podcasts
from directfanz.domains.discovery.service.feeds.categories import CATEGORIES, LANGUAGES
from directfanz.errors import InvalidInput, TooLarge
from directfanz.http.caller import Caller

LEAST_SIDE, MOST_SIDE = 1_400, 3_000
MAX_BYTES = 2 * 1024 * 1024
NONE = PodcastFacts()


class RemoveCover(msgspec.Struct, frozen=True):
    name: str


async def facts_of(reader: Reader, creator_id: UUID) -> PodcastFacts:
    return await podcasts.find(reader, creator_id) or NONE


async def save(backends: Backends, caller: Caller, creator_id: UUID, wanted: PodcastFacts) -> PodcastFacts:
    checked = _checked(wanted)
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "page")
        await podcasts.keep(tx, creator_id, checked, caller.require_user(), backends.clock.now())
        return await facts_of(tx, creator_id)


async def set_cover(backends: Backends, caller: Caller, creator_id: UUID, data: bytes) -> None:
    async with backends.database.writing() as tx:  # before the work of drawing
        await team.require(tx, caller, creator_id, "page")
    if len(data) > MAX_BYTES:
        raise TooLarge(f"A cover has at most {MAX_BYTES // 1024 // 1024} MiB. Make it smaller, then try again.")
    name, side, picture = await drawing.drawn_square(data, LEAST_SIDE, MOST_SIDE, "picture")
    bucket = backends.storage.bucket(drawing.BUCKET)
    await bucket.put(cover_key(name), picture, content_type="image/jpeg", cache_control=drawing.KEPT_FOR_EVER)
    await _show(backends, caller, creator_id, name, side)


async def remove_cover(backends: Backends, caller: Caller, creator_id: UUID) -> None:
    await _show(backends, caller, creator_id, None, None)


async def _show(backends: Backends, caller: Caller, creator_id: UUID, name: str | None, side: int | None) -> None:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "page")
        before = await podcasts.set_cover(tx, creator_id, name, side, now)
        if before is not None and before != name:
            await backends.jobs.enqueue(tx, REMOVE_COVER, RemoveCover(before), run_at=now + drawing.REMOVED_AFTER)


def _checked(wanted: PodcastFacts) -> PodcastFacts:
    if wanted.category and wanted.category not in CATEGORIES:
        raise InvalidInput.in_field("category", "Choose one of the list.")
    if wanted.language not in LANGUAGES:
        raise InvalidInput.in_field("language", "Choose one of the list.")
    email = checked_address(wanted.email) if wanted.email.strip() else ""
    return msgspec.structs.replace(wanted, email=email)


async def _remove(backends: Backends, payload: RemoveCover) -> None:
    """Unless a page shows the same picture."""
    async with backends.database.writing() as tx:
        if await podcasts.cover_in_use(tx, payload.name):
            return
    await backends.storage.bucket(drawing.BUCKET).delete(cover_key(payload.name))


REMOVE_COVER = Job("discovery.remove_cover", RemoveCover, _remove)
