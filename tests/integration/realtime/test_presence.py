"""P19: the number of people in a room is true within two seconds, whatever happens to them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from directfanz.settings import Settings
from tests.integration.realtime.conftest import Tickets
from tests.support.accounts import Stage
from tests.support.running import Running, running
from tests.support.websocket import Client, greeted

TRUE_WITHIN_SECONDS = 2.0


@asynccontextmanager
async def within_two_seconds() -> AsyncIterator[None]:
    async with asyncio.timeout(TRUE_WITHIN_SECONDS):
        yield


async def enter(socket: Client, room: str) -> None:
    await socket.say("subscribe", room=room)


async def test_people_of_both_processes_are_counted_together(one: Running, other: Running, room: str) -> None:
    async with greeted(one.port) as watching, greeted(other.port) as cy, greeted(other.port) as ben:
        await enter(watching, room)
        await watching.hear_people(room, 1)
        for number, socket in enumerate((cy, ben), 2):
            await enter(socket, room)
            async with within_two_seconds():
                await watching.hear_people(room, number)
        async with within_two_seconds():
            await cy.hear_people(room, 3)
        await cy.say("unsubscribe", room=room)
        async with within_two_seconds():
            await watching.hear_people(room, 2)


async def test_people_of_one_process_see_each_other(one: Running, room: str) -> None:
    async with greeted(one.port) as ada, greeted(one.port) as ben:
        await enter(ada, room)
        await ada.hear_people(room, 1)
        await enter(ben, room)
        async with within_two_seconds():
            await ada.hear_people(room, 2)
        ben.vanish()
        async with within_two_seconds():
            await ada.hear_people(room, 1)


async def test_one_person_with_many_windows_is_one(
    one: Running, other: Running, stage: Stage, tickets: Tickets, room: str
) -> None:
    ada = await stage.joined("ada")
    async with greeted(one.port) as watching, AsyncExitStack() as windows:
        await enter(watching, room)
        for process in (one, one, other):
            window = await windows.enter_async_context(greeted(process.port, await tickets.of(ada)))
            await enter(window, room)
            async with within_two_seconds():
                await window.hear_people(room, 2)
        await window.say("unsubscribe", room=room)
        await enter(window, room)
        async with within_two_seconds():
            await window.hear_people(room, 2)


async def test_a_killed_browser_is_gone(one: Running, other: Running, room: str) -> None:
    async with greeted(one.port) as watching, greeted(other.port) as cy:
        await enter(watching, room)
        await enter(cy, room)
        await watching.hear_people(room, 2)
        cy.vanish()
        async with within_two_seconds():
            await watching.hear_people(room, 1)


async def test_who_fell_silent_is_not_counted_until_heard_again(one: Running, other: Running, room: str) -> None:
    """A phone in a tunnel: its socket stays, and it is counted again when it comes out."""
    async with greeted(one.port) as watching, greeted(other.port) as phone:
        await enter(watching, room)
        await enter(phone, room)
        await watching.hear_people(room, 2)
        phone.answers_pings = False
        async with within_two_seconds():
            await watching.hear_people(room, 1)
        phone.answers_pings = True
        async with within_two_seconds():
            await watching.hear_people(room, 2)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await watching.hear_people(room, 1)


async def test_the_people_of_a_killed_process_are_gone(one: Running, settings: Settings, room: str) -> None:
    async with greeted(one.port) as watching, running("realtime", settings) as doomed:
        await enter(watching, room)
        async with AsyncExitStack() as people:
            for _ in range(10):
                await enter(await people.enter_async_context(greeted(doomed.port)), room)
            await watching.hear_people(room, 11)
            await doomed.kill()
            async with within_two_seconds():
                await watching.hear_people(room, 1)


async def test_a_process_that_starts_later_finds_out_who_died(settings: Settings, room: str) -> None:
    async with running("realtime", settings) as doomed, greeted(doomed.port) as cy:
        await enter(cy, room)
        await cy.hear_people(room, 1)
        await doomed.kill()
    async with running("realtime", settings) as next_one, greeted(next_one.port) as ben:
        await enter(ben, room)
        async with asyncio.timeout(4):
            await ben.hear_people(room, 1)


@pytest.mark.property("P19")
async def test_whatever_they_do_the_number_becomes_the_truth(one: Running, other: Running, room: str) -> None:
    """Joins, leaves and crashes in any order; afterwards all see the same, right number within two seconds."""
    chance = random.Random(19)
    async with greeted(one.port) as watching, AsyncExitStack() as everyone:
        await enter(watching, room)
        inside: list[Client] = []
        for _ in range(120):
            what = chance.random()
            if what < 0.6 or not inside:
                socket = await everyone.enter_async_context(greeted(chance.choice([one, other]).port))
                await enter(socket, room)
                inside.append(socket)
            else:
                gone = inside.pop(chance.randrange(len(inside)))
                gone.vanish() if what < 0.8 else await gone.say("unsubscribe", room=room)
        async with within_two_seconds():
            await watching.hear_people(room, 1 + len(inside))
