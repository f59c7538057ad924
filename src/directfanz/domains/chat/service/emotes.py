"""Small pictures of a creator's own, written as `:code:`. What a message shows is settled by the server when it is said, and kept with it:
a page draws only what stands in the message's facts, by a name that tells the content."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.accounts.service import drawing
from directfanz.domains.chat.errors import TooManyEmotes
from directfanz.domains.chat.models import Emote, emote_key
from directfanz.domains.chat.repository import emotes
from directfanz.domains.creators.service import team
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Need
from directfanz.errors import InvalidInput, TooLarge
from directfanz.http.caller import Caller

MOST_EMOTES = 100
MOST_BYTES = 512 * 1024
SIZES = ((112, 112), (56, 56))
MOST_IN_A_MESSAGE = 20
CODE = re.compile(r"[a-z0-9_]{2,24}", re.ASCII)
_WRITTEN = re.compile(r":([a-z0-9_]{2,24}):", re.ASCII)


async def put(
    backends: Backends, caller: Caller, creator_id: UUID, code: str, data: bytes, min_rank: int | None
) -> Emote:
    """Drawn anew by us. With `min_rank` for members of that tier and above, else for everybody who speaks."""
    if not CODE.fullmatch(code):
        raise InvalidInput.in_field("code", "A code is 2 to 24 small letters, digits and _.", "Such as hello_sea.")
    async with backends.database.writing() as tx:  # before the work of drawing
        await team.require(tx, caller, creator_id, "page")
    if len(data) > MOST_BYTES:
        raise TooLarge(f"An emote has at most {MOST_BYTES // 1024} KiB. Make it smaller, then try again.")
    name, drawn = await drawing.drawn(data, SIZES, "emote")
    bucket = backends.storage.bucket(drawing.BUCKET)
    for width, picture in drawn.items():
        key = emote_key(name, width)
        await bucket.put(key, picture, content_type="image/webp", cache_control=drawing.KEPT_FOR_EVER)
    made = Emote(code=code, name=name, min_rank=min_rank)
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "page")
        known = {each.code: each for each in await emotes.of_creator(tx, creator_id)}
        if code not in known and len(known) >= MOST_EMOTES:
            raise TooManyEmotes(f"A page has at most {MOST_EMOTES} emotes. Remove one first.")
        await emotes.put(tx, creator_id, made, caller.require_user(), backends.clock.now())
    return made


async def remove(backends: Backends, caller: Caller, creator_id: UUID, code: str) -> None:
    """What was said with it keeps it: the picture stays for as long as the words do."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "page")
        await emotes.remove(tx, creator_id, code)


async def of_page(backends: Backends, creator_id: UUID) -> list[Emote]:
    async with backends.database.reading() as reader:
        return await emotes.of_creator(reader, creator_id)


async def usable(backends: Backends, user_id: UUID | None, creator_id: UUID, *, is_team: bool) -> list[Emote]:
    """Those that somebody may write."""
    found = await of_page(backends, creator_id)
    return [each for each in found if is_team or await _may(backends, user_id, creator_id, each)]


async def used_in(
    backends: Backends, user_id: UUID, creator_id: UUID, words: str, *, is_team: bool
) -> Mapping[str, str]:
    """Code and picture of each emote in these words that their author may use."""
    codes = list(dict.fromkeys(_WRITTEN.findall(words)))[:MOST_IN_A_MESSAGE]
    if not codes:
        return {}
    async with backends.database.reading() as reader:
        found = await emotes.named(reader, creator_id, codes)
    return {each.code: each.name for each in found if is_team or await _may(backends, user_id, creator_id, each)}


async def _may(backends: Backends, user_id: UUID | None, creator_id: UUID, emote: Emote) -> bool:
    if emote.min_rank is None:
        return True
    need = Need(creator_id=creator_id, access="rank", min_rank=emote.min_rank)
    return (await entitlements.decide(backends, user_id, need)).allowed
