"""The web application in the test's own loop: with the routes of the workshop, or the platform's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.backends.clock.manual import ManualClock
from directfanz.http.notices import COOKIE
from directfanz.processes.web.app import WebApp, create_app
from directfanz.processes.web.site import routes as site_routes
from directfanz.settings import Settings
from tests.integration.web.workshop import API, PAGES, Bench, known_caller

if TYPE_CHECKING:
    from tests.support.accounts import Stage

SITE = "http://localhost:8080"
__all__ = ["COOKIE", "SITE"]


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    """One for the tests of a file, which opens its backends once: time goes on from test to test, never back."""
    return ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="module")
async def backends(settings: Settings, clock: ManualClock) -> AsyncIterator[Backends]:
    async with opened(settings, service="test", clock=clock) as made:
        yield made


@pytest.fixture
async def stage(settings: Settings, clock: ManualClock) -> AsyncIterator[Stage]:
    from tests.support.accounts import stage_set

    async with stage_set(settings, clock) as made:
        await made.backends.cache.command("FLUSHDB", key="")
        yield made


@pytest.fixture
async def workshop(backends: Backends) -> AsyncIterator[WebApp]:
    # Each test's clock starts anew, and a limit that was used up tomorrow would count today.
    await backends.cache.command("FLUSHDB", key="")
    app = create_app(backends, known_caller, [API, *PAGES, *site_routes])
    yield app
    app.close()


@pytest.fixture
def bench(workshop: WebApp) -> Bench:
    made = Bench()
    workshop.litestar.state["bench"] = made
    return made


@pytest.fixture
async def client(workshop: WebApp) -> AsyncIterator[httpx.AsyncClient]:
    """A program: no cookies, no browser's headers."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(workshop), base_url=SITE) as made:
        yield made


@pytest.fixture
async def browser(workshop: WebApp) -> AsyncIterator[httpx.AsyncClient]:
    """A browser on a page of ours."""
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html", "User-Agent": "Firefox"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(workshop), base_url=SITE, headers=headers) as made:
        yield made
