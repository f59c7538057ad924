"""Chat rooms for stories: `room = await room_of(stage, creator)` belongs to something nobody needs to know."""

from __future__ import annotations

from uuid import UUID

from directfanz.domains.chat import service as chat
from directfanz.domains.chat.service import speaking
from directfanz.domains.creators.models import Creator
from directfanz.domains.entitlements.models import Access
from directfanz.kit.ids import new_id, new_token
from tests.support.accounts import Someone, Stage


async def room_of(stage: Stage, creator: Creator, access: Access = "public", min_rank: int | None = None) -> UUID:
    wanted = chat.RoomAsk(
        id=new_id(), creator_id=creator.id, title="Painting in the dark", access=access, min_rank=min_rank
    )
    async with stage.backends.database.writing() as tx:
        await chat.open_room(stage.backends, tx, wanted)
    return wanted.id


async def says(stage: Stage, who: Someone, room_id: UUID, words: str, nonce: str | None = None) -> int:
    return await speaking.say(stage.backends, await stage.caller(who), room_id, words, nonce or new_token(9))
