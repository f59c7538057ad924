"""The process is told to stop, or the cache goes away under it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import msgspec
import pytest

from directfanz.backends.assembly import opened
from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.chat.service import reading
from directfanz.domains.notifications.events import channel_of
from directfanz.errors import ConfigurationError
from directfanz.kit.ids import new_id
from directfanz.kit.signing import TokenSigner
from directfanz.processes.realtime.app import Realtime
from directfanz.processes.realtime.close_codes import BUSY, RESTART
from directfanz.processes.realtime.tickets import issue
from directfanz.settings import Secret, Settings
from tests.integration.realtime.conftest import Tickets
from tests.support.accounts import Stage, stage_set
from tests.support.chats import says
from tests.support.creators import page_of
from tests.support.live import planned
from tests.support.meanwhile import until
from tests.support.own_engines import OwnEngines, own_engines
from tests.support.running import Running, running
from tests.support.websocket import Closed, Refused, connected, greeted

# Two seconds are promised; the rest is for a machine that does much else.
TOLD_SECONDS = 2 + 4


async def test_told_to_stop_it_sends_everybody_on_and_ends(settings: Settings, one: Running, room: str) -> None:
    async with running("realtime", settings) as leaving, greeted(one.port) as watching:
        await watching.say("subscribe", room=room)
        async with asyncio.TaskGroup() as people:
            ends = [people.create_task(visit(leaving.port, room)) for _ in range(30)]
            await watching.hear_people(room, 31)
            leaving.tell_to_stop()
        assert {task.result() for task in ends} == {RESTART.code}
        async with asyncio.timeout(10):
            assert await leaving.process.wait() == 0
        async with asyncio.timeout(2):
            await watching.hear_people(room, 1)


async def visit(port: int, room: str) -> int:
    async with greeted(port) as socket:
        await socket.say("subscribe", room=room)
        return await socket.ends()


async def test_while_it_drains_it_takes_nobody(settings: Settings) -> None:
    async with running("realtime", settings) as leaving, greeted(leaving.port), greeted(leaving.port) as stubborn:
        stubborn.answers_pings = stubborn.says_goodbye = False  # while it is waited for there is something to see
        leaving.tell_to_stop()
        await until(lambda: is_draining(leaving))
        with pytest.raises(Refused) as refused:
            async with connected(leaving.port):
                pass
        assert refused.value.status == 503
        async with asyncio.timeout(10):  # one who never says goodbye does not hold it up
            assert await leaving.process.wait() == 0


async def is_draining(process: Running) -> bool:
    answer = await process.ask("/ready")
    return answer.status_code == 503 and answer.json()["status"] == "draining"


@pytest.fixture
async def mine() -> AsyncIterator[OwnEngines]:
    async with own_engines("valkey") as mine:
        yield mine


@pytest.fixture
def own_settings(settings: Settings, mine: OwnEngines) -> Settings:
    return msgspec.structs.replace(
        settings,
        cache_nodes=(f"127.0.0.1:{mine.set.valkey.port}",),
        cache_password=Secret(mine.set.valkey.password),
        cache_database=0,
    )


async def test_the_cache_restarts_and_nobody_is_cut_but_all_are_told_to_ask(
    own_settings: Settings, mine: OwnEngines, room: str
) -> None:
    async with stage_set(own_settings, ManualClock(datetime.now(UTC))) as stage:
        ben = await stage.joined("ben")
        async with (
            running("realtime", own_settings) as process,
            greeted(process.port, await Tickets(stage).of(ben)) as socket,
        ):
            await socket.say("subscribe", room=room)
            await socket.hear_people(room, 1)
            await mine.kill("valkey")
            await socket.hear_of("resync")
            assert await stage.backends.cache.publish(channel_of(ben.user_id), b'{"type":"notification"}') == 1
            await socket.hear_of("notification")
            async with greeted(process.port) as cy:
                await cy.say("subscribe", room=room)
                await socket.hear_people(room, 2)


@dataclass
class Fan:
    """As a page watches a stream: it comes back by itself, to whoever answers, with the place that it was at."""

    ports: list[int]
    room_id: UUID
    ticket: Callable[[], Awaitable[str]]  # one opens one socket
    heard: list[tuple[int, str]] = field(default_factory=list)
    epoch: str = ""
    people: int = 0
    lost: int = 0  # lines

    @property
    def position(self) -> int:
        return self.heard[-1][0] if self.heard else 0

    async def watch(self) -> None:
        while True:
            with contextlib.suppress(Closed, Refused, OSError, asyncio.IncompleteReadError):
                await self._stay(self.ports[0])
            self.lost += 1
            self.people = 0  # it knows nothing until it is told again
            self.ports.append(self.ports.pop(0))
            await asyncio.sleep(0.05)

    async def _stay(self, port: int) -> None:
        room = f"chat:{self.room_id.hex}"
        async with greeted(port, await self.ticket()) as socket:
            await socket.say("chat_enter", room=room, position=self.position, epoch=self.epoch)
            while True:
                told = await socket.hear()
                if told["type"] == "presence":
                    self.people = told["people"]
                elif told["type"] in ("chat", "chat_entered"):
                    assert not told.get("anew") or not self.heard, "it began anew"
                    self.epoch = told.get("epoch", self.epoch)
                    self.heard += [(each["position"], each.get("body", "")) for each in told["events"]]


async def whole(stage: Stage, room_id: UUID) -> list[tuple[int, str]]:
    told: list[tuple[int, str]] = []
    while part := await reading.since(stage.backends, room_id, told[-1][0] if told else 0):
        told += [(each.position, each.body) for each in part]
    return told


async def test_a_streams_chat_outlives_a_process_and_the_cache(own_settings: Settings, mine: OwnEngines) -> None:
    """While people talk on: one of two processes is killed, then the cache. Nothing is lost, nothing twice, and the counts are true."""
    async with (
        stage_set(own_settings, ManualClock(datetime.now(UTC))) as stage,
        running("realtime", own_settings) as killed,
        running("realtime", own_settings) as stays,
    ):
        ada, ben = await stage.joined("ada"), await stage.joined("ben")
        air = await planned(stage, ada, await page_of(stage, ada))
        await air.goes_live()
        room_id, said = air.stream.id, 0
        people = [await stage.joined(f"fan{number}") for number in range(6)]
        fans = [
            Fan(
                [killed.port, stays.port] if number % 2 else [stays.port, killed.port],
                room_id,
                partial(Tickets(stage).of, who),
            )
            for number, who in enumerate(people)
        ]

        async def talk() -> None:
            nonlocal said
            while True:
                await says(stage, ben, room_id, f"words {said}")
                said += 1
                await asyncio.sleep(0.02)

        async def all_there(people: int) -> None:
            await until(lambda: all(fan.people == people for fan in fans))

        async with asyncio.TaskGroup() as going_on:
            watching = [going_on.create_task(fan.watch()) for fan in fans]
            talking = going_on.create_task(talk())
            await all_there(6)
            await killed.kill()
            await until(lambda: all(fan.lost for fan in fans[1::2]))  # who was there has noticed
            async with asyncio.timeout(TOLD_SECONDS):
                await all_there(6)  # at the other
            heard = said
            await mine.kill("valkey")
            async with asyncio.timeout(TOLD_SECONDS):
                await all_there(6)
            await air.drops()
            await air.comes_back()
            await until(lambda: said > heard + 20)
            talking.cancel()
            await asyncio.wait({talking})
            told = await whole(stage, room_id)
            last = told[-1][0]
            await until(lambda: all(fan.position >= last for fan in fans))
            watching.pop().cancel()  # one leaves
            rest = fans[:-1]
            async with asyncio.timeout(TOLD_SECONDS):
                await until(lambda: all(fan.people == 5 for fan in rest))
            for task in watching:
                task.cancel()
        assert [position for position, _ in told] == list(range(1, last + 1))
        assert [body for _, body in told if body.startswith("words")] == [f"words {number}" for number in range(said)]
        for fan in fans:
            assert fan.heard == told[-len(fan.heard) :], "lost or doubled"
            assert len(fan.heard) > 20


async def test_while_the_cache_is_away_it_says_so_and_heals(own_settings: Settings, mine: OwnEngines) -> None:
    tokens = TokenSigner(own_settings.secret_key)
    async with running("realtime", own_settings) as process, greeted(process.port) as cy:
        with mine.frozen("valkey"):
            await until(lambda: is_down(process))
            assert (await process.ask("/health")).status_code == 200
            await cy.say("ping", id=3)
            assert (await cy.hear_of("pong"))["id"] == 3
            ticket = issue(tokens, new_id(), new_id(), datetime.now(UTC))
            async with connected(process.port, ticket) as ada:
                assert await ada.ends() == BUSY.code
        await until(process.is_ready)


async def is_down(process: Running) -> bool:
    answer = await process.ask("/ready")
    return answer.status_code == 503 and answer.json()["cache"] == "down"


async def test_a_taken_port_is_named(settings: Settings, one: Running) -> None:
    async with opened(msgspec.structs.replace(settings, port=one.port), service="realtime") as backends:
        app = Realtime(backends)
        with pytest.raises(ConfigurationError, match=f"Port {one.port} "):
            await app.start()
        await app.close()


async def test_strangers_of_all_kinds_leave_nothing_behind(one: Running, stage: Stage, tickets: Tickets) -> None:
    before = await one.figure("realtime_connections")
    ada = await stage.joined("ada")
    for number in range(20):
        async with connected(one.port, await tickets.of(ada) if number % 2 else None) as socket:
            socket.vanish()
    await until(lambda: has_sockets(one, before))


async def has_sockets(process: Running, count: float) -> bool:
    return await process.figure("realtime_connections") == count
