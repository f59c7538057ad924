"""The face and the banner of a page. What is kept was drawn anew by us, as with people's pictures."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.accounts.service import drawing
from directfanz.domains.creators.models import AVATAR_SIZES, BANNER_SIZES, picture_key
from directfanz.domains.creators.repository import pages
from directfanz.domains.creators.service import team
from directfanz.domains.creators.service.lookup import no_such_creator
from directfanz.errors import TooLarge
from directfanz.http.caller import Caller

Kind = Literal["avatar", "banner"]
MAX_BYTES = 2 * 1024 * 1024
SIZES = {"avatar": AVATAR_SIZES, "banner": BANNER_SIZES}


class RemovePicture(msgspec.Struct, frozen=True):
    kind: Kind
    name: str


async def set_picture(backends: Backends, caller: Caller, creator_id: UUID, kind: Kind, data: bytes) -> str:
    """Its name: the same picture has the same one."""
    async with backends.database.writing() as tx:  # before the work of drawing
        await team.require(tx, caller, creator_id, "page")
    if len(data) > MAX_BYTES:
        raise TooLarge(f"A picture has at most {MAX_BYTES // 1024 // 1024} MiB. Make it smaller, then try again.")
    name, drawn = await drawing.drawn(data, SIZES[kind], kind)
    bucket = backends.storage.bucket(drawing.BUCKET)
    for width, picture in drawn.items():
        await bucket.put(
            picture_key(kind, name, width), picture, content_type="image/webp", cache_control=drawing.KEPT_FOR_EVER
        )
    await _show(backends, caller, creator_id, kind, name)
    return name


async def remove_picture(backends: Backends, caller: Caller, creator_id: UUID, kind: Kind) -> None:
    await _show(backends, caller, creator_id, kind, None)


async def forget(backends: Backends, tx: Writer, kind: Kind, name: str | None) -> None:
    """Later: somebody may be about to show the same picture."""
    if name is not None:
        run_at = backends.clock.now() + drawing.REMOVED_AFTER
        await backends.jobs.enqueue(tx, REMOVE_PICTURE, RemovePicture(kind, name), run_at=run_at)


async def _show(backends: Backends, caller: Caller, creator_id: UUID, kind: Kind, name: str | None) -> None:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "page")
        creator = await pages.lock(tx, creator_id)
        if creator is None:
            raise no_such_creator()
        before = creator.avatar if kind == "avatar" else creator.banner
        await pages.set_picture(tx, creator_id, kind, name, backends.clock.now())
        if before != name:
            await forget(backends, tx, kind, before)


async def _remove(backends: Backends, payload: RemovePicture) -> None:
    """Unless somebody shows the same picture."""
    async with backends.database.writing() as tx:
        if await pages.picture_in_use(tx, payload.kind, payload.name):
            return
    keys = (picture_key(payload.kind, payload.name, width) for width, _ in SIZES[payload.kind])
    await backends.storage.bucket(drawing.BUCKET).delete(*keys)


REMOVE_PICTURE = Job("creators.remove_picture", RemovePicture, _remove)
