"""What others are told of a stream: its chat, and the people who wait for it. On the transaction in which it changes."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.chat import service as chat
from directfanz.domains.creators.service import lookup
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.live.models import State, Stream
from directfanz.domains.live.repository import streams, viewers
from directfanz.domains.live.service import onward
from directfanz.domains.notifications.service import notify
from directfanz.errors import Unavailable

PEOPLE_AT_ONCE = 200
_NOBODY = UUID(int=0)
_SAID: dict[State, str] = {
    "live": "The stream is on.", "reconnecting": "The picture is gone for a moment. Stay here.", "ended": "The stream is over."
}  # fmt: skip


class TellBegun(msgspec.Struct, frozen=True):
    """`after`: those up to here were told."""

    stream_id: UUID
    after: UUID = _NOBODY


def room_of(stream: Stream) -> chat.RoomAsk:
    return chat.RoomAsk(
        id=stream.id, creator_id=stream.creator_id, title=stream.title, access=stream.access, min_rank=stream.min_rank
    )


async def planned(backends: Backends, tx: Writer, stream: Stream) -> None:
    await chat.open_room(backends, tx, room_of(stream))


async def moved(backends: Backends, tx: Writer, stream: Stream, old: State) -> None:
    """The chat agrees with the stream at every moment; people are told once that it has begun."""
    words = "The picture is back." if (old, stream.state) == ("reconnecting", "live") else _SAID.get(stream.state)
    await chat.open_room(backends, tx, room_of(stream))
    if words:
        await chat.say_as_server(backends, tx, stream.id, words)
    if stream.state == "ended":
        await onward.at_end(backends, tx, stream)
        await chat.close_room(backends, tx, stream.id)
    if stream.state == "live" and await streams.take_telling(tx, stream.id, backends.clock.now()):
        await backends.jobs.enqueue(tx, TELL_BEGUN, TellBegun(stream.id))


async def _tell_begun(backends: Backends, payload: TellBegun) -> None:
    """A part of the people in each transaction, and the rest as the next job: killed in between, nobody is told twice."""
    async with backends.database.writing() as tx:
        stream = await streams.find(tx, payload.stream_id)
        creator = await lookup.by_id(tx, stream.creator_id) if stream else None
        if stream is None or creator is None or not creator.is_public or not stream.is_on_air:
            return
        people = await viewers.audience(tx, stream.id, stream.creator_id, payload.after, PEOPLE_AT_ONCE)
    may_see = [each for each in people if await _may_see(backends, each, stream)]
    async with backends.database.writing() as tx:
        for user_id in may_see:
            await notify(
                backends, tx, user_id, "live.began", dedupe=f"live {stream.id}", link=f"{creator.path}/live/{stream.id}",
                page=creator.name, title=stream.title,
            )  # fmt: skip
        if len(people) == PEOPLE_AT_ONCE:
            await backends.jobs.enqueue(tx, TELL_BEGUN, TellBegun(stream.id, people[-1]))


async def _may_see(backends: Backends, user_id: UUID, stream: Stream) -> bool:
    """What is sold by itself is told to all: they may want to buy it."""
    if stream.access == "paid":
        return True
    try:
        return (await entitlements.decide(backends, user_id, stream.need)).allowed
    except Unavailable:
        return False


TELL_BEGUN = Job("live.tell_begun", TellBegun, _tell_begun)
