"""Chat over sockets of two processes: nobody misses an event and nobody gets one twice, whatever is lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from directfanz.domains.chat import service as chat
from directfanz.domains.chat.events import Happened, channel_of
from directfanz.domains.chat.models import Event
from directfanz.domains.chat.repository import events
from directfanz.domains.chat.service import moderating, polling, telling
from directfanz.domains.creators.models import Creator
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant
from directfanz.kit.ids import new_id
from directfanz.processes.realtime.limits import CHAT_RIGHTS_SECONDS, CHAT_TAIL_EVENTS
from tests.integration.realtime.conftest import Tickets
from tests.support.accounts import Someone, Stage
from tests.support.chats import room_of, says
from tests.support.creators import page_of
from tests.support.running import Running
from tests.support.websocket import Client, greeted


@pytest.fixture
async def ada(stage: Stage) -> Someone:
    return await stage.joined("ada")


@pytest.fixture
async def page(stage: Stage, ada: Someone) -> Creator:
    return await page_of(stage, ada)


@pytest.fixture
async def chat_room(stage: Stage, page: Creator) -> UUID:
    return await room_of(stage, page)


def name_of(room_id: UUID) -> str:
    return f"chat:{room_id.hex}"


async def enter(socket: Client, room_id: UUID, position: int = 0, epoch: str = "") -> dict[str, Any]:
    await socket.say("chat_enter", room=name_of(room_id), position=position, epoch=epoch)
    return await socket.hear_of("chat_entered")


async def hear_event(socket: Client) -> dict[str, Any]:
    told = await socket.hear_of("chat")
    (event,) = told["events"]
    return dict(event)


async def hear_up_to(socket: Client, last: int) -> list[int]:
    heard: list[int] = []
    while not heard or heard[-1] < last:
        heard.append((await hear_event(socket))["position"])
    return heard


async def test_what_one_says_the_others_hear_once_in_both_processes(
    one: Running, other: Running, stage: Stage, tickets: Tickets, chat_room: UUID, ada: Someone
) -> None:
    ben = await stage.joined("ben")
    async with (
        greeted(one.port, await tickets.of(ben)) as bens,
        greeted(other.port, await tickets.of(ada)) as adas,
        greeted(other.port) as stranger,
    ):
        for socket in (bens, adas, stranger):
            assert (await enter(socket, chat_room))["events"] == []
        for number in range(10):
            await bens.say("chat_say", room=name_of(chat_room), body=f"{number}", nonce=f"n{number}")
        for socket in (adas, stranger):
            told = [await hear_event(socket) for _ in range(10)]
            assert [each["body"] for each in told] == [f"{number}" for number in range(10)]
            assert {each["name"] for each in told} == {"Ben"}
        said = [await bens.hear_of("chat_said") for _ in range(10)]
        assert [(each["nonce"], each["position"]) for each in said] == [(f"n{n}", n + 1) for n in range(10)]
        await stranger.say("chat_say", room=name_of(chat_room), body="and I?", nonce="s")
        refused = await stranger.hear_of("chat_refused")
        assert (refused["code"], refused["nonce"]) == ("not_signed_in", "s")


async def test_who_comes_back_hears_what_they_missed_and_then_goes_on(
    one: Running, other: Running, stage: Stage, tickets: Tickets, chat_room: UUID
) -> None:
    ben, cy = await stage.joined("ben"), await stage.joined("cy")
    async with greeted(one.port, await tickets.of(ben)) as socket:
        entered = await enter(socket, chat_room)
        await says(stage, cy, chat_room, "1")
        assert (await hear_event(socket))["body"] == "1"
    for words in ("2", "3"):
        await says(stage, cy, chat_room, words)
    async with greeted(other.port, await tickets.of(ben)) as again:
        missed = await enter(again, chat_room, 1, entered["epoch"])
        assert ([each["body"] for each in missed["events"]], missed["anew"]) == (["2", "3"], False)
        await says(stage, cy, chat_room, "4")
        assert (await hear_event(again))["body"] == "4"
        fresh = await enter(again, chat_room, 99, entered["epoch"])  # from a future that a restore undid
        assert fresh["anew"]
        assert [each["body"] for each in fresh["events"]] == ["1", "2", "3", "4"]


async def test_entering_while_much_is_said_misses_nothing_and_doubles_nothing(
    one: Running, other: Running, stage: Stage, tickets: Tickets, chat_room: UUID
) -> None:
    speakers = [await stage.joined(name) for name in ("ben", "cy", "dee")]

    async def chatter(who: Someone) -> None:
        for number in range(20):
            await says(stage, who, chat_room, f"{number}")

    async def listen(port: int, pause: float) -> list[int]:
        await asyncio.sleep(pause)
        async with greeted(port) as socket:
            heard = [each["position"] for each in (await enter(socket, chat_room))["events"]]
            return heard if heard and heard[-1] == 60 else heard + await hear_up_to(socket, 60)

    listeners = [listen(port, pause / 20) for port in (one.port, other.port) for pause in range(5)]
    *heard, _ = await asyncio.gather(*listeners, asyncio.gather(*(chatter(who) for who in speakers)))
    assert all(each == list(range(1, 61)) for each in heard)


async def test_what_was_never_published_and_what_came_twice(
    one: Running, stage: Stage, chat_room: UUID, ada: Someone
) -> None:
    """A process died between its commit and telling; another told late, and twice."""
    async with greeted(one.port) as socket:
        await enter(socket, chat_room)
        told = [await _append_silently(stage, chat_room, f"{number}") for number in range(3)]
        await telling.publish(stage.backends, chat_room, told[2], told[0], told[2], told[1])
        assert [(await hear_event(socket))["position"] for _ in range(3)] == [1, 2, 3]
        await _append_silently(stage, chat_room, "nobody tells this")
        assert (await hear_event(socket))["body"] == "nobody tells this"
        await says(stage, ada, chat_room, "next")
        assert (await hear_event(socket))["position"] == 5


async def _append_silently(stage: Stage, room_id: UUID, words: str) -> Happened:
    async with stage.backends.database.writing() as tx:
        told = await telling.append(stage.backends, tx, room_id, "system", body=words)
        written = await events.find(tx, room_id, told.event.position)
    assert isinstance(written, Event)
    return Happened(told.epoch, written)


async def test_what_others_do_in_their_transactions_is_heard(one: Running, stage: Stage, chat_room: UUID) -> None:
    async with greeted(one.port) as socket:
        await enter(socket, chat_room)
        async with stage.backends.database.writing() as tx:
            await chat.say_as_server(stage.backends, tx, chat_room, "The stream has begun.")
            await chat.close_room(stage.backends, tx, chat_room)
        await stage.work()
        assert [(await hear_event(socket))["kind"] for _ in range(2)] == ["system", "closed"]


async def test_moderation_and_polls_reach_everybody_and_who_comes_later(
    one: Running, other: Running, stage: Stage, tickets: Tickets, chat_room: UUID, ada: Someone
) -> None:
    ben, adas = await stage.joined("ben"), await stage.caller(ada)
    async with greeted(one.port, await tickets.of(ben)) as socket, greeted(other.port) as stranger:
        await enter(socket, chat_room)
        await enter(stranger, chat_room)
        await says(stage, ben, chat_room, "rude")
        await moderating.remove(stage.backends, adas, chat_room, 1)
        poll = await polling.ask(stage.backends, adas, chat_room, "?", ["a", "b"], timedelta(minutes=1))
        kinds = [(await hear_event(stranger))["kind"] for _ in range(3)]
        assert kinds == ["text", "removed", "poll_opened"]
        await polling.vote(stage.backends, await stage.caller(ben), poll.id, 1)
        assert (await stranger.hear_of("chat_poll"))["votes"] == [0, 1]
        late = await enter(stranger, chat_room)
        assert late["events"][0] == {**late["events"][0], "hidden": True, "kind": "text"}
        assert "body" not in late["events"][0]
        assert late["poll"]["votes"] == [0, 1]


async def test_who_may_not_see_it_is_kept_out_and_led_out(
    one: Running, stage: Stage, tickets: Tickets, page: Creator
) -> None:
    """A ticket that runs out, a refund, a membership that ends: the room is left within the time of CHAT_RIGHTS_SECONDS."""
    gated, ben = await room_of(stage, page, "members"), await stage.joined("ben")
    async with greeted(one.port, await tickets.of(ben)) as socket:
        await socket.say("chat_enter", room=name_of(gated))
        assert (await socket.hear_of("chat_refused"))["code"] == "room_locked"
        now, source = stage.backends.clock.now(), new_id()
        grant = Grant(user_id=ben.user_id, creator_id=page.id, source="gift", source_id=source, rank=1, starts_at=now)
        async with stage.backends.database.writing() as tx:
            await entitlements.grant(stage.backends, tx, grant)
        assert (await enter(socket, gated))["standing"] == "member"
        async with stage.backends.database.writing() as tx:
            await entitlements.end(stage.backends, tx, "gift", source, now, "refunded")
        async with asyncio.timeout(CHAT_RIGHTS_SECONDS + 15):
            left = await socket.hear_of("chat_left")
        assert (left["code"], left["come_back"]) == ("room_locked", False)
        await socket.say("chat_say", room=name_of(gated), body="still here", nonce="x")
        assert (await socket.hear_of("chat_refused"))["code"] == "not_in_room"


async def test_after_a_restore_everybody_enters_again(
    one: Running, stage: Stage, chat_room: UUID, ada: Someone
) -> None:
    async with greeted(one.port) as socket:
        entered = await enter(socket, chat_room)
        await says(stage, ada, chat_room, "before")
        await hear_event(socket)
        async with stage.backends.database.writing() as tx:
            await tx.execute("UPDATE chat_rooms SET epoch = gen_random_uuid() WHERE id = $1", chat_room)
        left = await socket.hear_of("chat_left")
        assert (left["code"], left["come_back"]) == ("reset", True)
        again = await enter(socket, chat_room, 1, entered["epoch"])
        assert again["anew"]
        assert again["epoch"] != entered["epoch"]


async def test_more_than_the_process_keeps_begins_with_the_newest(one: Running, stage: Stage, chat_room: UUID) -> None:
    many = CHAT_TAIL_EVENTS + 30
    async with stage.backends.database.writing() as tx:
        for number in range(many):
            await telling.append(stage.backends, tx, chat_room, "system", body=f"{number}")
    async with greeted(one.port) as socket:
        entered = await enter(socket, chat_room, 5, "")
        assert entered["anew"]
        assert [each["position"] for each in entered["events"]] == list(range(many - CHAT_TAIL_EVENTS + 1, many + 1))
        assert entered["last"] == many


@pytest.mark.parametrize("room", ["chat:nothex", f"chat:{'0' * 31}", f"chat:{'0' * 32}"])
async def test_rooms_that_are_none(one: Running, room: str) -> None:
    async with greeted(one.port) as socket:
        await socket.say("chat_enter", room=room)
        assert (await socket.hear())["code"] == "no_such_room"


def test_events_travel_without_their_defaults() -> None:
    """Thousands of them are sent: what says nothing is left out."""
    event = Event(position=1, id=UUID(int=1), kind="system", said_at=datetime(2026, 3, 2, tzinfo=UTC))
    assert set(msgspec.to_builtins(event)) == {"position", "id", "kind", "said_at"}


def test_channels_and_rooms_have_one_name() -> None:
    assert channel_of(UUID(int=5)) == name_of(UUID(int=5))
