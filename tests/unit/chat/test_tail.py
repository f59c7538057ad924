"""The end of a room: whatever order events arrive in, whoever enters anywhere gets each once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.chat.models import Event
from directfanz.processes.realtime.tail import Tail
from directfanz.processes.realtime.turns import Turns

NOW = datetime(2026, 3, 2, 20, tzinfo=UTC)
EPOCH = UUID(int=7)


def event(position: int, kind: str = "text", **more: object) -> Event:
    return Event(position=position, id=UUID(int=position), kind=kind, said_at=NOW, body=f"{position}", **more)  # type: ignore[arg-type]


def tail(last: int = 0, most: int = 50) -> Tail:
    return Tail(EPOCH, [event(each) for each in range(max(1, last - most + 1), last + 1)], last, most)


@given(st.lists(st.integers(1, 12), max_size=60))
def test_events_are_let_in_once_and_in_order(arriving: list[int]) -> None:
    here = tail()
    heard: list[int] = []
    for position in arriving:
        offered = here.offer(event(position))
        assert offered == ("known" if position <= len(heard) else "next" if position == len(heard) + 1 else "gap")
        if offered == "next":
            heard.append(position)
    assert heard == list(range(1, len(heard) + 1))
    assert here.last == len(heard)


@given(last=st.integers(0, 30), heard=st.integers(0, 40), most=st.integers(1, 10))
def test_who_comes_back_is_told_what_they_missed_or_begins_anew(last: int, heard: int, most: int) -> None:
    events, anew = tail(last, most).since(heard, str(EPOCH))
    told = [each.position for each in events]
    if anew:
        assert heard > last or heard < last - most
        assert told == list(range(max(1, last - most + 1), last + 1))
    else:
        assert told == list(range(heard + 1, last + 1))


def test_another_epoch_begins_anew() -> None:
    assert tail(3).since(3, "another")[1]


def test_removed_words_are_not_told_to_who_comes_later() -> None:
    here = tail(3)
    assert here.offer(event(4, "removed", facts={"position": 2})) == "next"
    told = {each.position: each for each in here.since(0, str(EPOCH))[0]}
    assert (told[2].body, told[2].hidden) == ("", True)
    assert told[3].body == "3"


def test_all_words_of_a_person_are_taken_away_but_not_what_they_gave() -> None:
    ben, cy = UUID(int=1), UUID(int=2)
    here = tail()
    here.offer(event(1, user_id=ben))
    here.offer(event(2, user_id=cy))
    here.offer(event(3, "tip", user_id=ben))
    here.offer(event(4, "cleared", facts={"user_id": str(ben)}))
    assert [each.hidden for each in here.since(0, str(EPOCH))[0]] == [True, False, False, False]


async def test_turns_go_in_the_order_of_asking_and_leave_nothing_behind() -> None:
    turns, order = Turns(), []

    async def one(number: int) -> None:
        async with turns.of("ben"):
            await asyncio.sleep(0)
            order.append(number)

    await asyncio.gather(*(one(number) for number in range(20)))
    assert order == list(range(20))
    assert len(turns) == 0
