"""From a signed-in browser, through the API, to a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from directfanz.http.caller import SESSION_COOKIE
from directfanz.processes.web.app import create_app
from directfanz.settings import Settings
from tests.support.accounts import Stage
from tests.support.running import Running
from tests.support.websocket import greeted

PATH = "/api/v1/realtime/ticket"


@pytest.fixture
async def browser(stage: Stage, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(stage.backends)
    headers = {"Sec-Fetch-Site": "same-origin"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=settings.site_url, headers=headers) as client:
        yield client
    app.close()


async def test_a_ticket_opens_a_socket(one: Running, stage: Stage, browser: httpx.AsyncClient) -> None:
    ada = await stage.joined("ada")
    browser.cookies.set(SESSION_COOKIE, ada.browser.session or "")
    answer = await browser.post(PATH)
    assert answer.status_code == 200
    body = answer.json()
    assert body["url"] == "ws://localhost:8080/ws"
    protocol, ticket = body["subprotocols"]
    async with greeted(one.port, ticket.removeprefix("ticket."), subprotocols=[protocol]):
        pass


async def test_only_people_with_a_session_get_one(browser: httpx.AsyncClient, stage: Stage) -> None:
    assert (await browser.post(PATH)).status_code == 401
    ada = await stage.joined("ada")
    browser.cookies.set(SESSION_COOKIE, ada.browser.session or "")
    elsewhere = await browser.post(PATH, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
