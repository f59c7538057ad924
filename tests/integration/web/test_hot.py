"""A hot read answers as the handler that describes it would: called as an application, and behind the server, whose protocol
has a shorter way for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import product

import httpx
import pytest

from directfanz.domains.accounts.service import access_tokens, profile
from directfanz.domains.accounts.service.profile import ProfileChange
from directfanz.processes.web.app import WebApp, create_app
from directfanz.processes.web.hot import FIRST_PAGE_SECONDS, hot_reads
from tests.integration.web.conftest import SITE
from tests.integration.web.serving import served
from tests.support.accounts import Someone, Stage

PER_REQUEST = {"x-request-id", "date"}


@dataclass(frozen=True)
class Way:
    app: WebApp
    client: httpx.AsyncClient


@pytest.fixture(params=["application", "server"])
async def apps(request: pytest.FixtureRequest, stage: Stage) -> AsyncIterator[tuple[Way, Way]]:
    """With the short way, and without."""
    async with AsyncExitStack() as stack:
        ways = []
        for app in (create_app(stage.backends), create_app(stage.backends, hot=False)):
            stack.callback(app.close)
            if request.param == "server":
                port = await stack.enter_async_context(served(app))
                client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Host": "localhost"})
            else:
                client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE)
            ways.append(Way(app, await stack.enter_async_context(client)))
        yield ways[0], ways[1]


@pytest.fixture
async def ada(stage: Stage) -> Someone:
    people = [await stage.joined(name) for name in ("olu", "cy", "ben", "ada")]
    return people[-1]


async def ask(way: Way, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> httpx.Response:
    return await way.client.request(method, path, headers=headers or {})


def shown(answer: httpx.Response) -> tuple[int, dict[str, str], object]:
    headers = {name: value for name, value in answer.headers.items() if name not in PER_REQUEST}
    # A method that HTTP does not know ends at the server's parser, with a text.
    is_json = headers.get("content-type") == "application/json" and answer.content
    body = answer.json() if is_json else answer.content
    if isinstance(body, dict) and "error" in body:
        del body["error"]["requestId"]
        del headers["content-length"]
    return answer.status_code, headers, body


PATHS = [
    "/api/v1/people",
    "/api/v1/people?limit=2",
    "/api/v1/people?limit=0",
    "/api/v1/people?limit=101",
    "/api/v1/people?limit=two",
    "/api/v1/people?limit=",
    "/api/v1/people?limit=1&limit=2",
    "/api/v1/people?limit=020",
    "/api/v1/people?limit=+5",
    "/api/v1/people?limit=%205",
    "/api/v1/people?limit=5.0",
    "/api/v1/people?limit=1e1",
    "/api/v1/people?limit=%D9%A3",
    "/api/v1/people?limit=2cursor=AAAA",
    "/api/v1/people?&limit=2",
    "/api/v1/people?LIMIT=2",
    "/api/v1/people?cursor=",
    "/api/v1/people?cursor=AAAA",
    "/api/v1/people?cursor=" + "A" * 401,
    "/api/v1/people?cursor=%00",
    "/api/v1/people?other=1",
    "/api/v1/people?%ff=%ff&limit=3",
    "/api/v1/people/ADA",
    "/api/v1/people/@ADA",
    "/api/v1/people/nobody",
    "/api/v1/people/%00",
    "/api/v1/people/%20",
    "/api/v1/people/%ff",
    "/api/v1/people/%F0%9F%90%98",
    "/api/v1/people/" + "x" * 3000,
    "/api/v1/session",
    "/api/v1/session?x=%00",
]


async def test_both_ways_answer_the_same(
    request: pytest.FixtureRequest, apps: tuple[Way, Way], stage: Stage, ada: Someone
) -> None:
    token = await access_tokens.make_token(stage.backends, await stage.caller(ada), "a program", ["profile:read"], 30)
    methods = ("GET",) if "server" in request.node.name else ("GET", "HEAD")  # HEAD has no shorter way
    callers: tuple[dict[str, str], ...] = (
        {},
        {"Cookie": f"df_session={ada.browser.session}"},
        {"Cookie": "df_session=forged; other=1"},
        {"Authorization": f"Bearer {token.secret}"},
        {"Authorization": "Bearer dfp_unknown"},
        {"Authorization": "Basic YTpi"},
    )
    for path, headers, method in product(PATHS, callers, methods):
        path = path.replace("ADA", ada.handle.upper())
        short, long = [await ask(way, path, headers, method) for way in apps]
        assert shown(short) == shown(long), (path, headers)
        if short.status_code == 200:
            version = headers | {"If-None-Match": short.headers["etag"]}
            short, long = [await ask(way, path, version, method) for way in apps]
            assert short.status_code == 304
            assert shown(short) == shown(long), (path, headers)


async def test_other_methods_are_the_routers(apps: tuple[Way, Way], stage: Stage) -> None:
    methods = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
    for path, method in product(("/api/v1/people", "/api/v1/people/ada", "/api/v1/session"), methods):
        short, long = [await ask(way, path, method=method) for way in apps]
        assert shown(short) == shown(long), (path, method)


async def test_pages_lead_to_the_end(apps: tuple[Way, Way], stage: Stage, ada: Someone) -> None:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await ask(apps[0], f"/api/v1/people?limit=3{f'&cursor={cursor}' if cursor else ''}")).json()
        found += [person["handle"] for person in page["items"]]
        cursor = page["next"]
    assert found[0] == ada.handle
    assert len(found) == len(set(found)) >= 4


async def test_the_first_page_is_kept_for_seconds(apps: tuple[Way, Way], stage: Stage, ada: Someone) -> None:
    async def first() -> str:
        answer = await ask(apps[0], "/api/v1/people", {"Cookie": f"df_session={ada.browser.session}"})
        return str(answer.json()["items"][0]["handle"])

    assert await first() == ada.handle
    await profile.change_profile(stage.backends, await stage.caller(ada), ProfileChange(listed=False))
    assert await first() == ada.handle
    await stage.later(seconds=FIRST_PAGE_SECONDS)
    assert await first() != ada.handle


async def test_a_revoked_session_is_nobody_at_once(apps: tuple[Way, Way], stage: Stage, ada: Someone) -> None:
    headers = {"Cookie": f"df_session={ada.browser.session}"}
    assert (await ask(apps[0], "/api/v1/session", headers)).json()["user_id"] == str(ada.user_id)
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE sessions SET revoked_at = $2 WHERE user_id = $1", ada.user_id, stage.clock.now())
    await stage.backends.cache.command("FLUSHDB", key="")
    assert (await ask(apps[0], "/api/v1/session", headers)).status_code == 401
    assert (await ask(apps[0], "/api/v1/people", headers)).status_code == 200


async def test_every_hot_read_is_described(apps: tuple[Way, Way], stage: Stage) -> None:
    from directfanz.processes.web.openapi import document

    paths = document()["paths"]
    assert all("get" in paths[path] for path in hot_reads(stage.backends, apps[0].app.gate))
