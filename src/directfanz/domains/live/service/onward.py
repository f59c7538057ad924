"""Where the viewers of a stream go at its end: to another creator, if a raid was agreed."""

from __future__ import annotations

from datetime import timedelta

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.chat import service as chat
from directfanz.domains.creators.service import lookup
from directfanz.domains.live.models import Stream
from directfanz.domains.live.repository import streams, together, viewers
from directfanz.domains.live.service.watching import WATCHES_SECONDS


async def at_end(backends: Backends, tx: Writer, stream: Stream) -> None:
    """On the transaction in which the stream ends: both chats are told, and the pages of the viewers follow."""
    raid = await together.waiting_of(tx, stream.id)
    if raid is None:
        return
    now = backends.clock.now()
    target = await streams.find(tx, raid.target_id)
    pages = await lookup.public_among(tx, [stream.creator_id, *([target.creator_id] if target else [])])
    there = target is not None and target.is_on_air and target.creator_id in pages
    if target is None or not there or raid.state != "accepted":
        await together.move_raid(tx, raid.id, raid.state, "over", now)
        return
    counts = await viewers.watching(tx, [stream.id], now - timedelta(seconds=WATCHES_SECONDS))
    count = counts.get(stream.id, 0)
    if not await together.move_raid(tx, raid.id, "accepted", "done", now, count):
        return
    onward, origin = pages[target.creator_id], pages.get(stream.creator_id)
    path = f"{onward.path}/live/{target.id}"
    facts = {"raid": {"path": path, "creator": onward.name, "title": target.title}}
    await chat.say_as_server(backends, tx, stream.id, f"On to {onward.name}: {target.title}", facts)
    if origin is not None:
        people = "One person comes" if count == 1 else f"{count} people come"
        await chat.say_as_server(backends, tx, target.id, f"{people} from {origin.name}. Welcome!")
