"""Polls: one open in a room at a time, one vote for each person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.chat.errors import NoSuchPoll, PollClosed, PollOpen, RoomClosed, VotedAlready
from directfanz.domains.chat.events import Happened, Tallied
from directfanz.domains.chat.models import Poll, Tally
from directfanz.domains.chat.repository import polls, rooms
from directfanz.domains.chat.service.entering import require_in
from directfanz.domains.chat.service.rights import require_moderator
from directfanz.domains.chat.service.rooms import get
from directfanz.domains.chat.service.telling import append, publish
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(hours=24)
LONGEST_OPTION = 80
POLLS_SHOWN = 50
CLOSED_AT_ONCE = 100


class EndDue(msgspec.Struct, frozen=True):
    pass


async def ask(
    backends: Backends, caller: Caller, room_id: UUID, question: str, options: Sequence[str], lasts: timedelta
) -> Poll:
    now = backends.clock.now()
    poll = Poll(
        id=new_id(), room_id=room_id, question=_question(question), options=_options(options), opened_at=now,
        closes_at=now + _lasting(lasts), closed_at=None,
    )  # fmt: skip
    try:
        async with backends.database.writing() as tx:
            room = await get(tx, room_id)
            await require_moderator(tx, caller, room)
            await _require_open(tx, room_id)
            await polls.insert(tx, poll, caller.require_user())
            told = await append(backends, tx, room_id, "poll_opened", facts=_facts(poll))
            await backends.jobs.enqueue(tx, END_DUE, EndDue(), run_at=poll.closes_at)
    except ConstraintBroken as broken:
        if broken.constraint != "polls_one_open":
            raise
        raise PollOpen("There is an open poll in this room. End it first.") from None
    await publish(backends, room_id, told)
    return poll


async def vote(backends: Backends, caller: Caller, poll_id: UUID, option: int) -> Tally:
    """By whoever may see the room, once. The same vote again is no error: an answer may have been lost."""
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        poll = await _get(tx, poll_id)
        room = await get(tx, poll.room_id)
    await require_in(backends, user_id, room)
    if not 0 <= option < len(poll.options):
        raise InvalidInput.in_field("option", "There is no such answer.", f"0 to {len(poll.options) - 1}.")
    async with backends.database.writing() as tx:
        if not await polls.vote(tx, poll_id, user_id, option, backends.clock.now()):
            await _require_same(tx, poll_id, user_id, option)
        votes = await polls.count(tx, poll)
    await publish(backends, poll.room_id, Tallied(poll_id, votes))
    return Tally(poll=poll, votes=votes, mine=option)


async def end(backends: Backends, caller: Caller, poll_id: UUID) -> Tally:
    async with backends.database.writing() as tx:
        poll = await _get(tx, poll_id)
        room = await get(tx, poll.room_id)
        await require_moderator(tx, caller, room)
        told = await _close(backends, tx, poll, backends.clock.now())
        votes = await polls.count(tx, poll)
    if told is not None:
        await publish(backends, poll.room_id, told)
    return Tally(poll=poll, votes=votes)


async def _end_due(backends: Backends, payload: EndDue) -> None:
    while await end_due(backends) == CLOSED_AT_ONCE:
        pass


async def end_due(backends: Backends) -> int:
    """Those whose time is over; how many."""
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        due = await polls.due(tx, now, CLOSED_AT_ONCE)
    for poll_id in due:
        async with backends.database.writing() as tx:
            poll = await _get(tx, poll_id)
            told = await _close(backends, tx, poll, now)
        if told is not None:
            await publish(backends, poll.room_id, told)
    return len(due)


async def close_with_room(backends: Backends, tx: Writer, room_id: UUID) -> None:
    """By who has the room's row, so that nobody opens another meanwhile."""
    poll = await polls.open_in(tx, room_id)
    if poll is not None:
        await _close(backends, tx, poll, backends.clock.now())


async def of_room(backends: Backends, caller: Caller, room_id: UUID) -> list[Tally]:
    """The newest first, for who may see the room."""
    async with backends.database.writing() as tx:
        room = await get(tx, room_id)
    await require_in(backends, caller.user_id, room)
    found = []
    async with backends.database.writing() as tx:
        for poll in await polls.newest_of(tx, room_id, POLLS_SHOWN):
            mine = await polls.vote_of(tx, poll.id, caller.user_id) if caller.user_id else None
            found.append(Tally(poll=poll, votes=await polls.count(tx, poll), mine=mine))
    return found


async def _close(backends: Backends, tx: Writer, poll: Poll, now: datetime) -> Happened | None:
    """The room before the poll, as everywhere: else two wait for each other. The poll's row is closed
    first: a vote that comes meanwhile waits for it and then does not count, so the sum told is the last."""
    await rooms.lock(tx, poll.room_id)
    if not await polls.close(tx, poll.id, now):
        return None
    facts = {**_facts(poll), "votes": await polls.count(tx, poll)}
    return await append(backends, tx, poll.room_id, "poll_closed", facts=facts)


async def _require_open(tx: Writer, room_id: UUID) -> None:
    room = await rooms.lock(tx, room_id)
    if room is None or room.state == "closed":
        raise RoomClosed("This chat has ended.")


async def _get(tx: Writer, poll_id: UUID) -> Poll:
    poll = await polls.find(tx, poll_id)
    if poll is None:
        raise NoSuchPoll("There is no such poll.")
    return poll


async def _require_same(tx: Writer, poll_id: UUID, user_id: UUID, option: int) -> None:
    before = await polls.vote_of(tx, poll_id, user_id)
    if before is None:
        raise PollClosed("This poll is over.")
    if before != option:
        raise VotedAlready("You have voted. A vote cannot be changed.")


def _facts(poll: Poll) -> dict[str, object]:
    closes = poll.closes_at.isoformat()
    return {"poll_id": str(poll.id), "question": poll.question, "options": poll.options, "closes_at": closes}


def _question(text: str) -> str:
    question = " ".join(text.split())
    if not 1 <= len(question) <= 200:
        raise InvalidInput.in_field("question", "A question has 1 to 200 characters.", "Ask it in one sentence.")
    return question


def _options(texts: Sequence[str]) -> list[str]:
    options = [" ".join(each.split()) for each in texts]
    if not 2 <= len(options) <= 8 or len({each.casefold() for each in options}) != len(options):
        raise InvalidInput.in_field("options", "A poll has two to eight different answers.", "Give each another text.")
    if not all(1 <= len(each) <= LONGEST_OPTION for each in options):
        raise InvalidInput.in_field("options", f"An answer has 1 to {LONGEST_OPTION} characters.", "Shorten it.")
    return options


def _lasting(lasts: timedelta) -> timedelta:
    if not SHORTEST <= lasts <= LONGEST:
        raise InvalidInput.in_field("seconds", "A poll is open for 10 seconds to 24 hours.", "Two minutes do well.")
    return lasts


END_DUE = Job("chat.end_polls", EndDue, _end_due)
