"""Whatever comes in, what goes out is an answer of ours, and never an error of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import count
from uuid import uuid4

import httpx
import pytest

from directfanz.backends import Backends
from directfanz.processes.web.app import create_app
from directfanz.processes.web.openapi import document
from tests.integration.web.conftest import SITE
from tests.integration.web.serving import raw, served, status_of
from tests.support.accounts import Stage

END = b"Host: localhost:8080\r\nConnection: close\r\n"
JSON = b"Content-Type: application/json\r\n"
SIGN_IN = b"POST /api/v1/auth/sign-in HTTP/1.1\r\n"
FORM = b"POST /sign-in HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\n"
LONG = b"x" * 60_000
# The first line, and headers; what the status must be where there is one right answer.
REQUESTS: list[tuple[bytes, int | None]] = [
    (b"GET /%00 HTTP/1.1\r\n" + END, 400),
    (b"GET /api/v1/people/%00 HTTP/1.1\r\n" + END, 400),
    (b"GET /api/v1/people?cursor=%00 HTTP/1.1\r\n" + END, 400),
    (b"GET /api/v1/people?limit=" + b"9" * 5_000 + b" HTTP/1.1\r\n" + END, 400),
    (b"GET /api/v1/people?" + b"a=1&" * 10_000 + b" HTTP/1.1\r\n" + END, None),
    (b"GET /" + LONG + b" HTTP/1.1\r\n" + END, 404),
    (b"GET /%ff%fe HTTP/1.1\r\n" + END, 404),
    (b"GET /%F0%9F%90%98 HTTP/1.1\r\n" + END, 404),
    (b"GET //api//v1///people HTTP/1.1\r\n" + END, None),
    (b"GET /api/v1/../../etc/passwd HTTP/1.1\r\n" + END, None),
    (b"GET /static/..%2f..%2f..%2fetc/passwd HTTP/1.1\r\n" + END, 404),
    (b"GET /static/%2e%2e/%2e%2e/pyproject.toml HTTP/1.1\r\n" + END, 404),
    (b"GET http://other.test/api/v1/people HTTP/1.1\r\n" + END, None),
    (b"GET * HTTP/1.1\r\n" + END, None),
    (b"OPTIONS * HTTP/1.1\r\n" + END, None),
    (b"CONNECT other.test:80 HTTP/1.1\r\n" + END, None),
    (b"BREW /api/v1/people HTTP/1.1\r\n" + END, None),
    (b"TRACE /api/v1/people HTTP/1.1\r\n" + END, 405),
    (b"GET / HTTP/1.0\r\n\r\n", 200),
    (b"GET /health HTTP/9.9\r\n" + END, None),
    (b"GET / HTTP/1.1\r\nConnection: close\r\n", None),
    (b"GET / HTTP/1.1\r\nHost: a b<>\r\nConnection: close\r\n", None),
    (b"GET / HTTP/1.1\r\nHost: " + LONG + b"\r\nConnection: close\r\n", None),
    (b"GET /api/v1/session HTTP/1.1\r\nCookie: df_session=\xff\xfe; =; ;df_session\r\n" + END, 401),
    (b"GET /api/v1/session HTTP/1.1\r\nCookie: df_session=" + LONG + b"\r\n" + END, 401),
    (b"GET /api/v1/session HTTP/1.1\r\nCookie: df_session=a.b.c\r\n" + END, 401),
    (b"GET /api/v1/session HTTP/1.1\r\nCookie: df_session=YQ.zz.AAAA\r\n" + END, 401),
    (b"GET /settings HTTP/1.1\r\nCookie: df_session=x; df_notice=\xff.\xff.\xff; df_zone=../../x\r\n" + END, 303),
    (b"GET / HTTP/1.1\r\nCookie: df_zone=Europe/../x; df_theme=\xff; df_text=<b>\r\n" + END, 200),
    (b"GET /api/v1/session HTTP/1.1\r\nAuthorization: \xff\xff\r\n" + END, 401),
    (b"GET /api/v1/session HTTP/1.1\r\nAuthorization: Bearer " + LONG + b"\r\n" + END, 401),
    (b"GET /api/v1/people HTTP/1.1\r\nX-Forwarded-For: \xff, ,,999.1.1.1\r\nX-Request-ID: \xff\r\n" + END, 200),
    (b"GET /api/v1/people HTTP/1.1\r\nIf-None-Match: \xff\xff" + LONG + b"\r\n" + END, 200),
    (b"GET /api/v1/people HTTP/1.1\r\nRange: bytes=5-1\r\nAccept: nonsense/\xff;q=x\r\n" + END, 200),
    (b"GET /api/v1/people HTTP/1.1\r\nContent-Length: 5\r\n" + END + b"\r\nabcde", 200),
    (SIGN_IN + b"Content-Length: -1\r\n" + END, 400),
    (SIGN_IN + b"Content-Length: x\r\n" + END, 400),
    (SIGN_IN + b"Content-Length: 3\r\nContent-Length: 4\r\n" + END, 400),
    (SIGN_IN + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" + END, 400),
    (SIGN_IN + b"Transfer-Encoding: chunked\r\n" + END + b"\r\nzz\r\n", 400),
    (SIGN_IN + b"Transfer-Encoding: gzip\r\n" + END, 400),
    (SIGN_IN + b"Content-Length: 99999999999\r\n" + END, 413),
    (SIGN_IN + b"Content-Type: application/json; charset=utf-16\r\nContent-Length: 4\r\n" + END + b"\r\n\xff\xfe{\x00", 400),
    (SIGN_IN + b"Content-Encoding: gzip\r\n" + JSON + b"Content-Length: 2\r\n" + END + b"\r\n{}", 400),
    (FORM + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n" + END + b"\r\nabc", 400),
    (b"GET / HTTP/1.1\r\nNull\x00: x\r\n" + END, 400),
    (b"GET / HTTP/1.1\r\nName: a\x00b\r\n" + END, 400),
    (b"GET / HTTP/1.1\r\n folded: x\r\n" + END, 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    (b"\r\n\r\n\r\nGET /health HTTP/1.1\r\n" + END, 200),
]  # fmt: skip


@pytest.fixture
async def port(backends: Backends) -> AsyncIterator[int]:
    await backends.cache.command("FLUSHDB", key="")
    async with served(create_app(backends)) as number:
        yield number


async def test_no_bytes_make_an_error_of_ours(port: int) -> None:
    wrong = []
    for request, wanted in REQUESTS:
        answer = await raw(port, request + b"\r\n")
        status = status_of(answer) if answer else None
        if status is None or not 200 <= status < 500 or (wanted is not None and status != wanted):
            wrong.append((request[:100], wanted, answer[:100]))
    assert not wrong
    assert b" 200 OK" in await raw(port, b"GET /health HTTP/1.1\r\n" + END + b"\r\n")


async def test_a_flood_is_cut_off_while_it_comes(port: int) -> None:
    """Two megabytes may come; this says nothing of its length and does not end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: x\r\n" + JSON + b"Transfer-Encoding: chunked\r\n\r\n")
    answered = asyncio.create_task(reader.readuntil(b"}}"))
    while not answered.done():
        writer.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")
        await writer.drain()
    writer.close()
    answer = await answered
    assert status_of(answer) == 413
    assert b'"code":"too_large"' in answer


async def test_who_hangs_up_midway_disturbs_nobody(port: int, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        await raw(port, SIGN_IN + JSON + b"Content-Length: 100\r\n" + END + b"\r\n{", hang_up=True)
    for _ in range(5):
        await raw(port, b"GET /api/v1/people HTTP/1.1\r\n" + END + b"\r\n", hang_up=True)
    assert b" 200 OK" in await raw(port, b"GET /health HTTP/1.1\r\n" + END + b"\r\n")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_requests_in_a_row_are_answered_in_a_row(port: int) -> None:
    first = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await raw(port, first * 3 + b"GET /api/v1/people HTTP/1.1\r\n" + END + b"\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 4


BODIES = [
    b"", b"null", b"true", b"0", b'""', b"[]", b"{}", b"[{}]", b"{", b'{"a":', b"\xff", b'{"\xff":1}', b"\xef\xbb\xbf{}",
    b"[" * 50_000, b'{"a":' * 50_000, b"9" * 5_000, b'{"email":' + b"9" * 5_000 + b"}", b'"' + b"x" * 1_000_000 + b'"',
    b'{"email":"a\\u0000@b","password":"\\u0000","handle":"\\u0000","token":"\\u0000"}',
    b'{"email":"\\ud800","password":"\\udfff","display_name":"\\ud800\\ud800"}',
    b'{"email":{"$ne":1},"password":["a"],"token":-1,"code":1.5,"days":1e300,"scopes":"*","role":["admin"]}',
    b'{"email":"' + b"a" * 999 + b'","password":"' + b"p" * 999 + b'","display_name":"' + b"d" * 999 + b'","handle":"h"}',
    json.dumps({f"field{number}": number for number in range(5_000)}).encode(),
]  # fmt: skip
SEGMENTS = [
    "x",
    "%20",
    "0",
    "-1",
    "00000000-0000-0000-0000-000000000000",
    "'; drop table users --",
    "9" * 300,
    "ü",
    "..%2f",
]


async def test_no_body_makes_an_error_of_any_route(stage: Stage) -> None:
    """For a stranger and for an administrator, whom more doors are open to."""
    olu = await stage.joined("olu", "admin")
    app = create_app(stage.backends)
    wrong: list[object] = []
    places = count()
    for who in ({}, {"Cookie": f"df_session={olu.browser.session}", "Sec-Fetch-Site": "same-origin"}):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
            for path, method, body in hostile_calls(signed_in=bool(who)):
                await stage.backends.cache.command("FLUSHDB", key="")  # so that no limit shields the route
                address = next(places)
                headers = {
                    **who,
                    "Content-Type": "application/json",
                    "X-Forwarded-For": f"10.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}",
                }
                answer = await client.request(method, path, content=body, headers=headers)
                if answer.status_code >= 500 and not says_there_is_no_till(answer):
                    wrong.append((method, path, (body or b"")[:60], answer.status_code, answer.text[:200]))
    app.close()
    assert not wrong


def says_there_is_no_till(answer: httpx.Response) -> bool:
    """This stage has no keys of a payment provider."""
    return answer.status_code == 503 and answer.json()["error"]["code"] == "payments_not_set_up"


def hostile_calls(*, signed_in: bool) -> list[tuple[str, str, bytes | None]]:
    """What would sign the administrator out, or end the account, is left to the stranger."""
    calls: list[tuple[str, str, bytes | None]] = []
    for path, item in document()["paths"].items():
        for method in item:
            if signed_in and (method == "delete" or "sign-out" in path or "clos" in path):
                continue
            if "{" in path:
                calls += [(path.partition("{")[0] + part + path.rpartition("}")[2], method, b"{}") for part in SEGMENTS]
                path = path.partition("{")[0] + str(uuid4()) + path.rpartition("}")[2]
            calls += [(path, method, body) for body in (BODIES if method != "get" else [None])]
    return calls


async def test_a_body_that_trickles_in_is_given_up(backends: Backends) -> None:
    app = create_app(backends)
    app.request_seconds = 0.3
    async with served(app) as port:
        answer = await asyncio.wait_for(raw(port, SIGN_IN + JSON + b"Content-Length: 9\r\n" + END + b"\r\n{"), 10)
    assert status_of(answer) == 408
