"""Pictures of people. What is kept was drawn anew by us: nothing that was hidden in the upload gets out again."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta

import msgspec
from PIL import Image, ImageOps

from directfanz.backends import Backends
from directfanz.backends.jobs.contract import Job
from directfanz.domains.accounts.models import AVATAR_SIZES, avatar_key
from directfanz.domains.accounts.repository import users
from directfanz.domains.accounts.service.change import changing
from directfanz.domains.accounts.service.hashing import BoundedPool
from directfanz.errors import InvalidInput, NotFound, TooLarge, UnsupportedMedia
from directfanz.http.caller import Caller

BUCKET = "public"
MAX_BYTES = 2 * 1024 * 1024
# A small file can unfold to gigabytes; the size is read from its head before anything is unfolded.
MAX_PIXELS = 24_000_000
MIN_SIDE = 32
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 82
KEPT_FOR_EVER = "public, max-age=31536000, immutable"
# A picture that nobody shows is taken away later: somebody may be about to show it.
REMOVED_AFTER = timedelta(hours=1)
_NOT_A_PICTURE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)
_DRAWING = BoundedPool("avatars", threads=1, most_waiting=8)


class RemoveAvatar(msgspec.Struct, frozen=True):
    avatar: str


async def set_avatar(backends: Backends, caller: Caller, data: bytes) -> str:
    """Its name: the same picture has the same one."""
    caller.require_user()
    if len(data) > MAX_BYTES:
        raise TooLarge(f"A picture has at most {MAX_BYTES // 1024 // 1024} MiB. Make it smaller, then try again.")
    drawn = await _DRAWING.run(lambda: redrawn(data))
    avatar = hashlib.sha256(drawn[AVATAR_SIZES[0]]).hexdigest()[:32]
    bucket = backends.storage.bucket(BUCKET)
    for size, picture in drawn.items():
        await bucket.put(avatar_key(avatar, size), picture, content_type="image/webp", cache_control=KEPT_FOR_EVER)
    await _show(backends, caller, avatar)
    return avatar


async def remove_avatar(backends: Backends, caller: Caller) -> None:
    await _show(backends, caller, None)


def redrawn(data: bytes) -> dict[int, bytes]:
    """Each size as WebP, square, upright, without metadata."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _require_sane(picture)
            picture.draft("RGB", (AVATAR_SIZES[0] * 2, AVATAR_SIZES[0] * 2))  # a JPEG is unfolded no larger than needed
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except _NOT_A_PICTURE as error:
        raise UnsupportedMedia("This is not a whole JPEG, PNG, WebP or GIF picture.") from error
    square = ImageOps.fit(upright, (AVATAR_SIZES[0], AVATAR_SIZES[0]), Image.Resampling.LANCZOS)
    return {size: _webp(square if size == AVATAR_SIZES[0] else square.resize((size, size))) for size in AVATAR_SIZES}


def _require_sane(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise InvalidInput.in_field("avatar", "This picture has too many pixels.", "Use one of at most 24 megapixels.")
    if min(width, height) < MIN_SIDE:
        raise InvalidInput.in_field("avatar", "This picture is too small.", f"Use at least {MIN_SIDE} pixels a side.")


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


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
