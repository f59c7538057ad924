"""Journeys: a real browser, the whole platform behind its edge, mail and all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.browser import EXECUTABLE, FLAGS, Person, quiet
from tests.support.house import House, shared_house

NewPerson = Callable[..., Person]
# Generous: a machine that runs all tests at once is slow, and a page that is right does not wait.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def house() -> House:
    """One for the run. `JOURNEYS_AT` names a running one by its description, for working on a journey."""
    if described := os.environ.get("JOURNEYS_AT"):
        with open(described, "rb") as file:
            return msgspec.json.decode(file.read(), type=House)
    return shared_house()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the session: while it is open its event loop counts as running, which async tests cannot bear."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, house: House) -> Iterator[Callable[..., Page]]:
    """Another browser each time: own cookies, own window. Whatever a page complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def another(**options: object) -> Page:
        context = browser.new_context(base_url=house.site_url, **{"reduced_motion": "reduce", **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        quiet(page, complaints)
        return page

    yield another
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    return opened()


@pytest.fixture
def somebody(house: House) -> NewPerson:
    """Somebody who signed up long ago."""

    def settled(name: str, role: str = "fan") -> Person:
        email = house.settle(name, role)
        return Person(name, email.partition("@")[0], email)

    return settled
