"""Ben hears of a post when its moment comes, by mail and in his pocket; he opens it on his phone, finds it again, and takes it along."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any, TypeVar

import feedparser
import httpx
import pytest
from playwright.sync_api import Page, expect

from directfanz.backends import Backends
from directfanz.http.caller import Caller
from tests.journeys.conftest import NewPerson
from tests.support.browser import sign_in
from tests.support.discovery import Town
from tests.support.house import House
from tests.support.push import PushService, push_service

T = TypeVar("T")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PATIENCE_SECONDS = 60


def aside(house: House, work: Callable[[Backends], Awaitable[T]]) -> T:
    """In the platform's own code, beside the browser's loop."""

    async def done() -> T:
        from directfanz.backends.assembly import opened
        from directfanz.settings import load

        async with opened(load(house.environment), service="web") as backends:
            return await work(backends)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, done()).result()


@contextmanager
def pushes() -> Iterator[PushService]:
    """A push service that runs beside the browser."""
    found: list[PushService] = []
    up, down = Event(), Event()

    async def serve() -> None:
        async with push_service() as service:
            found.append(service)
            up.set()
            await asyncio.to_thread(down.wait)

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(20)
    try:
        yield found[0]
    finally:
        down.set()
        thread.join()


def until(happens: Callable[[], Any]) -> Any:
    for _ in range(PATIENCE_SECONDS * 4):
        if found := happens():
            return found
        time.sleep(0.25)
    raise AssertionError("it did not happen")


@pytest.fixture
def service() -> Iterator[PushService]:
    with pushes() as running:
        yield running


def test_a_scheduled_post_reaches_its_member(
    house: House, opened: Callable[..., Page], somebody: NewPerson, service: PushService
) -> None:
    ben, phone, pocket = somebody("Ben"), opened(**PHONE), service.browser()
    sign_in(phone, ben)
    told = phone.evaluate(
        """async (body) => (await fetch('/api/v1/push-subscriptions', {method: 'POST',
             headers: {'Content-Type': 'application/json'}, body})).status""",
        json.dumps(pocket.as_json),
    )
    assert told == 201

    async def scheduled(backends: Backends) -> tuple[str, str]:
        from directfanz.domains.accounts.service import profile
        from directfanz.domains.content.service import announcing

        town = Town(backends, backends.clock)  # type: ignore[arg-type]
        member = Caller(user_id=(await profile.person_called(backends.database, ben.handle)).id)
        ada = await town.page("ada")
        await town.joins(member, ada)
        soon = backends.clock.now() + timedelta(seconds=2)
        title = f"Marginalia of {ada[0].slug[-8:]}"
        await town.post(
            ada, title, body="Only for members: **vellum**.", access="members", tags=["marginalia"], at=soon
        )
        await announcing.sweep(backends)
        assert not pocket.arrived, "before its moment nobody is told"
        await asyncio.sleep(2.5)
        await announcing.sweep(backends)
        return ada[0].path, title

    path, title = aside(house, scheduled)
    until(lambda: any(title in mail["subject"] for mail in house.mails(ben.email)))
    until(lambda: pocket.arrived)
    shown = json.loads(pocket.arrived[0].text)
    assert title in shown["title"]

    phone.goto(shown["href"])
    expect(phone.get_by_role("heading", name=title)).to_be_visible()
    expect(phone.get_by_text("vellum")).to_be_visible()

    phone.goto("/")
    expect(phone.get_by_role("link", name=title)).to_be_visible()
    phone.get_by_role("combobox").fill(title[:-3])
    expect(phone.get_by_role("option", name=title)).to_be_visible()
    phone.get_by_role("combobox").press("Enter")
    expect(phone.get_by_role("heading", name=title)).to_be_visible()
    phone.goto(f"/search?q=vellum+{title.split()[-1]}")
    expect(phone.locator("mark").first).to_be_visible()

    phone.goto(f"{path}/podcast")
    phone.get_by_role("button", name="Make my address").click()
    address = phone.locator("#feed-address").inner_text().strip()
    feed = feedparser.parse(httpx.get(address, trust_env=False).content)
    assert [entry.title for entry in feed.entries] == [title]
    phone.get_by_role("button", name="Switch it off").click()
    expect(phone.get_by_text("opens nothing any more")).to_be_visible()
    assert httpx.get(address, trust_env=False).status_code == 404
