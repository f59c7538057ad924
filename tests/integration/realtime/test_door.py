"""Who gets a socket, and who does not."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from directfanz.kit.ids import new_id
from directfanz.processes.realtime import tickets as ticketing
from directfanz.processes.realtime.close_codes import TICKET_REFUSED
from directfanz.settings import Settings
from tests.integration.realtime.conftest import Tickets
from tests.support.accounts import Stage
from tests.support.running import HOST, Running
from tests.support.websocket import Closed, Refused, connected, greeted


async def test_a_stranger_is_welcome_and_known_as_one(one: Running) -> None:
    async with connected(one.port) as cy:
        hello = await cy.hear()
        assert (hello["type"], hello["signed_in"], hello["version"]) == ("hello", False, 1)
        assert cy.subprotocol == "directfanz.v1", "the ticket is never repeated"


async def test_a_ticket_says_who_it_is(one: Running, stage: Stage, tickets: Tickets) -> None:
    ada = await stage.joined("ada")
    async with connected(one.port, await tickets.of(ada)) as socket:
        assert (await socket.hear())["signed_in"]
        assert socket.subprotocol == "directfanz.v1"


async def test_a_ticket_works_once_whichever_process_it_is_shown_to(
    one: Running, other: Running, stage: Stage, tickets: Tickets
) -> None:
    ticket = await tickets.of(await stage.joined("ada"))
    async with greeted(one.port, ticket):
        for process in (one, other):
            async with connected(process.port, ticket) as copy:
                assert await copy.ends() == TICKET_REFUSED.code


async def test_only_one_of_many_at_once_gets_in(one: Running, stage: Stage, tickets: Tickets) -> None:
    ticket = await tickets.of(await stage.joined("ada"))

    async def try_it() -> bool | int:
        async with connected(one.port, ticket) as socket:
            try:
                return bool((await socket.hear())["signed_in"])
            except Closed as closed:
                return closed.code

    outcomes = await asyncio.gather(*(try_it() for _ in range(10)))
    assert sorted(outcomes) == [True] + [TICKET_REFUSED.code] * 9


@pytest.mark.parametrize("kind", ["old", "altered", "another purpose", "nonsense", "empty", "huge"])
async def test_a_bad_ticket_is_sent_away_with_a_code_that_says_so(one: Running, stage: Stage, kind: str) -> None:
    tokens, now = stage.backends.tokens, datetime.now(UTC)
    good = ticketing.issue(tokens, new_id(), new_id(), now)
    bad = {
        "old": ticketing.issue(tokens, new_id(), new_id(), now - timedelta(minutes=2)),
        "altered": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "another purpose": tokens.sign("session", "x", now + timedelta(hours=1)),
        "nonsense": "a.b.c",
        "empty": "",
        "huge": "x" * 5000,
    }[kind]
    async with connected(one.port, bad) as socket:
        assert await socket.ends() == TICKET_REFUSED.code


async def test_only_our_pages_may_connect(one: Running, settings: Settings) -> None:
    async with greeted(one.port, headers={"Origin": settings.site_url}):
        pass
    for origin in ("https://evil.example", "null", settings.site_url + ".evil.example"):
        with pytest.raises(Refused) as refused:
            async with connected(one.port, headers={"Origin": origin}):
                pass
        assert refused.value.status == 403


async def test_what_is_no_upgrade_is_refused(one: Running) -> None:
    for options, status in (
        ({"path": "/elsewhere"}, 404),
        ({"subprotocols": ["chat"]}, 400),
        ({"headers": {"Upgrade": ""}}, 400),
        ({"headers": {"Connection": "close"}}, 400),
        ({"headers": {"Sec-WebSocket-Key": "short"}}, 400),
        ({"headers": {"Sec-WebSocket-Version": "9"}}, 400),
    ):
        with pytest.raises(Refused) as refused:
            async with connected(one.port, **options):
                pass
        assert refused.value.status == status, options


async def test_firefox_names_two_things_in_one_header(one: Running) -> None:
    async with greeted(one.port, headers={"Connection": "keep-alive, Upgrade"}):
        pass


async def test_an_address_has_so_many_sockets_and_no_more(one: Running, settings: Settings) -> None:
    """As the edge tells it; what a stranger adds in front is not believed."""
    limit = 100
    async with asyncio.TaskGroup() as holding:
        done = asyncio.Event()
        greeted_ones = asyncio.Semaphore(0)

        async def hold(number: int) -> None:
            async with greeted(one.port, headers={"X-Forwarded-For": f"10.9.{number}.1, 203.0.113.77"}):
                greeted_ones.release()
                await done.wait()

        for number in range(limit):
            holding.create_task(hold(number))
        for _ in range(limit):
            await greeted_ones.acquire()
        async with connected(one.port, headers={"X-Forwarded-For": "203.0.113.77"}) as one_more:
            assert await one_more.ends() == 4429
        async with greeted(one.port, headers={"X-Forwarded-For": "203.0.113.78"}):
            pass
        done.set()


async def test_probes(one: Running) -> None:
    assert (await one.ask("/health")).json() == {"status": "alive"}
    ready = await one.ask("/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "cache": "up", "news": "up"})
    assert ready.headers["content-type"] == "application/json"
    async with greeted(one.port):
        assert await one.figure("realtime_connections") >= 1
    assert (await one.ask("/metrics", **{"x-forwarded-for": "203.0.113.9"})).status_code == 404


async def test_slow_and_broken_requests_end(one: Running) -> None:
    reader, writer = await asyncio.open_connection(HOST, one.port)
    writer.write(b"GET /ws HTTP/1.1\r\nHost: x\r\n")
    assert await reader.read() == b"", "who does not finish asking is cut"
    writer.close()
    for raw in (b"\x00\xff\x00\xff\r\n\r\n", b"GET /ws\r\n\r\n", b"G" * 40_000):
        reader, writer = await asyncio.open_connection(HOST, one.port)
        writer.write(raw)
        with contextlib.suppress(ConnectionResetError):
            answer = await reader.read()
            assert answer == b"" or b" 400 " in answer.split(b"\r\n")[0]
        writer.close()
    assert (await one.ask("/health")).status_code == 200
