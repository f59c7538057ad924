"""Pictures of people."""

from __future__ import annotations

import msgspec

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job
from directfanz.domains.accounts.models import AVATAR_SIZES, avatar_key
from directfanz.domains.accounts.repository import users
from directfanz.domains.accounts.service import drawing
from directfanz.domains.accounts.service.change import changing
from directfanz.domains.accounts.service.drawing import BUCKET, KEPT_FOR_EVER, REMOVED_AFTER
from directfanz.errors import NotFound, TooLarge
from directfanz.http.caller import Caller

MAX_BYTES = 2 * 1024 * 1024
_SQUARES = tuple((size, size) for size in AVATAR_SIZES)


class RemoveAvatar(msgspec.Struct, frozen=True):
    avatar: str


async def set_avatar(backends: Backends, caller: Caller, data: bytes) -> str:
    """Its name: the same picture has the same one."""
    caller.require_user()
    if len(data) > MAX_BYTES:
        raise TooLarge(f"A picture has at most {MAX_BYTES // 1024 // 1024} MiB. Make it smaller, then try again.")
    avatar, drawn = await drawing.drawn(data, _SQUARES, "avatar")
    bucket = backends.storage.bucket(BUCKET)
    for size, picture in drawn.items():
        await bucket.put(avatar_key(avatar, size), picture, content_type="image/webp", cache_control=KEPT_FOR_EVER)
    await _show(backends, caller, avatar)
    return avatar


async def remove_avatar(backends: Backends, caller: Caller) -> None:
    await _show(backends, caller, None)


def redrawn(data: bytes) -> dict[int, bytes]:
    """Each size as a square."""
    return drawing.redrawn(data, _SQUARES, "avatar")


async def _show(backends: Backends, caller: Caller, avatar: str | None) -> None:
    user_id = caller.require_user()
    async with changing(backends) as change:
        user = await users.lock_user(change.tx, user_id)
        if user is None:
            raise NotFound("This account is gone.")
        await users.set_avatar(change.tx, user_id, avatar, backends.clock.now())
        if user.avatar and user.avatar != avatar:
            run_at = backends.clock.now() + REMOVED_AFTER
            await backends.jobs.enqueue(change.tx, REMOVE_AVATAR, RemoveAvatar(user.avatar), run_at=run_at)
        await change.refresh(user_id)


async def _remove(backends: Backends, payload: RemoveAvatar) -> None:
    """Unless somebody shows the same picture."""
    async with backends.database.writing() as tx:
        if await users.avatar_in_use(tx, payload.avatar):
            return
    await backends.storage.bucket(BUCKET).delete(*(avatar_key(payload.avatar, size) for size in AVATAR_SIZES))


REMOVE_AVATAR = Job("accounts.remove_avatar", RemoveAvatar, _remove)
