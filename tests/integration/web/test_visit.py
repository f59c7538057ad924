"""Hot reads on a real connection: how they share it with other requests, and what becomes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest

from directfanz.backends.cache.response_cache import answer_key
from directfanz.http.access_log import AccessLog
from directfanz.processes.web.app import WebApp, create_app
from directfanz.processes.web.hot import LISTING
from directfanz.processes.web.main import DrainingServer, configured, listening
from directfanz.processes.web.visit import HotRead, Visit
from tests.integration.web.serving import raw, served, status_of
from tests.support.accounts import Someone, Stage
from tests.support.meanwhile import until

PEOPLE = b"GET /api/v1/people HTTP/1.1\r\nHost: localhost\r\n"
SESSION = b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
LAST = b"Connection: close\r\n"


@dataclass
class Here:
    stage: Stage
    app: WebApp
    port: int
    lines: list[dict[str, Any]]

    def told(self) -> list[str]:
        self.app.access_log.flush()
        return [line["message"] for line in self.lines]


@pytest.fixture
async def here(stage: Stage) -> AsyncIterator[Here]:
    app, lines = create_app(stage.backends), list[dict[str, Any]]()

    def keep(block: bytes) -> None:
        lines.extend(json.loads(line) for line in block.splitlines())

    app._log = AccessLog("web", stage.clock, keep, every_seconds=3600)
    app.access_log = app._log
    async with served(app) as port:
        yield Here(stage, app, port, lines)
    assert app.measures.in_flight == 0


@pytest.fixture
async def ada(stage: Stage) -> Someone:
    return await stage.joined("ada")


def cookie(someone: Someone) -> bytes:
    return f"Cookie: theme=dark; df_session={someone.browser.session}\r\n".encode()


def answers_in(stream: bytes) -> list[tuple[int, dict[bytes, bytes], bytes]]:
    """Taken apart as a client does: the head says how long the body is."""
    found = []
    while stream:
        head, _, stream = stream.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines)
        size = int(headers.get(b"content-length", b"0"))
        found.append((status_of(first), headers, stream[:size]))
        stream = stream[size:]
    return found


async def test_requests_in_one_breath_are_answered_in_order(here: Here, ada: Someone) -> None:
    page = b"GET /api/v1/people?limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    health = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    mine = SESSION + cookie(ada) + b"\r\n"
    asked = mine + PEOPLE + b"\r\n" + health + page + SESSION + b"\r\n" + mine + PEOPLE + LAST + b"\r\n"
    answers = answers_in(await raw(here.port, asked))
    assert [status for status, _, _ in answers] == [200, 200, 200, 200, 401, 200, 200]
    bodies = [json.loads(body) for _, _, body in answers]
    assert bodies[0]["user_id"] == bodies[5]["user_id"] == str(ada.user_id)
    assert bodies[1] == bodies[6]
    assert len(bodies[3]["items"]) == 1
    assert b"connection" not in answers[0][1]
    assert all(b"date" in headers for _, headers, _ in answers)
    assert answers[-1][1][b"connection"] == b"close"
    ids = [headers[b"x-request-id"] for _, headers, _ in answers]
    assert len(set(ids)) == len(ids)
    assert here.told() == [
        "GET /api/v1/session 200", "GET /api/v1/people 200", "GET /health 200", "GET /api/v1/people 200",
        "GET /api/v1/session 401", "GET /api/v1/session 200", "GET /api/v1/people 200",
    ]  # fmt: skip
    assert [line["request_id"].encode() for line in here.lines] == ids
    assert here.lines[0]["fields"]["user_id"] == here.lines[5]["fields"]["user_id"] == str(ada.user_id)


async def test_a_request_may_come_byte_by_byte(here: Here, ada: Someone) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    for byte in SESSION + cookie(ada) + LAST + b"\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)
    ((status, _, body),) = answers_in(await asyncio.wait_for(reader.read(), 20))
    assert (status, json.loads(body)["handle"]) == (200, ada.handle)
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("head", "stays_open"),
    [
        (b"GET /api/v1/people HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"GET /api/v1/people HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", False),
        (b"GET /api/v1/people HTTP/1.0\r\n\r\n", False),
        (b"GET /api/v1/people HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", False),
    ],
)
async def test_a_connection_stays_open_as_it_would_for_any_route(here: Here, head: bytes, stays_open: bool) -> None:
    async def is_open_after(asked: bytes) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
        writer.write(asked)
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
        assert status_of(answer) == 200
        assert (b"connection: close" in answer) is not stays_open
        writer.close()
        await writer.wait_closed()
        return b"connection: close" not in answer

    assert await is_open_after(head) is stays_open
    assert await is_open_after(head.replace(b"/api/v1/people", b"/health")) is stays_open


@pytest.mark.parametrize(
    "more",
    [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
)
async def test_a_body_where_none_belongs_is_not_taken_for_the_next_request(here: Here, more: bytes) -> None:
    asked = PEOPLE + more + SESSION + LAST + b"\r\n"
    answers = answers_in(await raw(here.port, asked))
    assert [status for status, _, _ in answers] == [200, 401]


@pytest.mark.parametrize("bad", [b"\0", b"GET / HTTP/9.9\r\n\r\n", b"nonsense\r\n\r\n"])
async def test_nonsense_after_a_good_request_ends_the_connection(here: Here, bad: bytes) -> None:
    assert b" 400 " in await raw(here.port, PEOPLE + b"\r\n" + bad)


async def test_a_client_that_hangs_up_leaves_nothing_behind(here: Here, ada: Someone) -> None:
    for _ in range(20):
        await raw(here.port, SESSION + cookie(ada) + b"\r\n", hang_up=True)
    await until(lambda: here.app.measures.in_flight == 0)
    assert status_of(await raw(here.port, SESSION + cookie(ada) + LAST + b"\r\n")) == 200


async def test_a_session_that_is_revoked_opens_nothing_on_the_same_connection(here: Here, ada: Someone) -> None:
    from directfanz.domains.accounts.service.sessions import sign_out

    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)

    async def asked() -> int:
        writer.write(SESSION + cookie(ada) + b"\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
        await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
        return status_of(head)

    assert [await asked() for _ in range(3)] == [200, 200, 200]
    await sign_out(here.stage.backends, ada.browser.session)
    assert await asked() == 401
    writer.close()
    await writer.wait_closed()


async def test_the_row_is_looked_at_once_a_minute(here: Here, ada: Someone) -> None:
    """The one who ended the session did not tell the cache."""
    asked = SESSION + cookie(ada) + LAST + b"\r\n"
    assert status_of(await raw(here.port, asked)) == 200
    async with here.stage.backends.database.writing() as tx:
        await tx.execute("UPDATE sessions SET revoked_at = $2 WHERE user_id = $1", ada.user_id, here.stage.clock.now())
    await here.stage.later(seconds=61)
    assert status_of(await raw(here.port, asked)) == 401


@pytest.mark.parametrize("kept", [b"", b"nonsense"])
async def test_what_another_version_left_in_the_cache_is_no_answer(here: Here, ada: Someone, kept: bytes) -> None:
    await here.stage.backends.cache.set(answer_key(LISTING, ""), kept)
    ((status, _, body),) = answers_in(await raw(here.port, PEOPLE + cookie(ada) + LAST + b"\r\n"))
    assert (status, json.loads(body)["items"][0]["handle"]) == (200, ada.handle)


def mistaken(*_: object) -> None:
    raise ValueError("a mistake of ours")


@pytest.mark.parametrize("which", ["keys", "answer"])
async def test_a_glance_that_fails_costs_a_log_line_and_no_answer(
    here: Here, ada: Someone, which: str, caplog: pytest.LogCaptureFixture
) -> None:
    route, read = here.app.lane._exact[b"/api/v1/people"]
    assert read.glance
    here.app.lane._exact[b"/api/v1/people"] = route, HotRead(read.call, read.glance._replace(**{which: mistaken}))
    assert status_of(await raw(here.port, PEOPLE + cookie(ada) + LAST + b"\r\n")) == 200
    assert "a glance failed" in caplog.text


async def test_what_is_usual_needs_no_task(here: Here, ada: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of docs/performance.md depend on it."""
    asked = SESSION + cookie(ada) + LAST + b"\r\n"
    await raw(here.port, asked)
    long_ways: list[Visit] = []
    take = Visit._take_the_long_way

    def seen_to_take(visit: Visit, trace: AbstractContextManager[None] | None) -> None:
        long_ways.append(visit)
        take(visit, trace)

    monkeypatch.setattr(Visit, "_take_the_long_way", seen_to_take)
    await raw(here.port, asked)
    assert long_ways == []
    await raw(here.port, SESSION + LAST + b"\r\n")
    assert len(long_ways) == 1


async def test_a_connection_that_says_nothing_more_is_closed(stage: Stage) -> None:
    app = create_app(stage.backends)
    with listening("127.0.0.1", 0) as door:
        config = configured(app, 5, 60)
        config.timeout_keep_alive = 1
        server = DrainingServer(config, app, linger_seconds=0)
        serving = asyncio.create_task(server.serve(sockets=[door]))
        port, loop = door.getsockname()[1], asyncio.get_running_loop()
        began = loop.time()
        assert status_of(await raw(port, PEOPLE + b"\r\n")) == 200
        assert 0.9 < loop.time() - began < 15
        server.should_exit = True
        await serving
    app.close()
