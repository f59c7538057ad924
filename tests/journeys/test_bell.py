"""The bell: it counts while one looks, in every window, and after the realtime process was away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPerson
from tests.support.browser import Person, sign_in
from tests.support.house import House


def tell(house: House, person: Person, title: str) -> None:
    """As a domain does it, on a transaction of its own."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, _told(house, person, title)).result()


async def _told(house: House, person: Person, title: str) -> None:
    from directfanz.backends.assembly import opened
    from directfanz.domains.accounts.service import profile
    from directfanz.domains.notifications import service as notifications
    from directfanz.settings import load

    async with opened(load(house.environment), service="web") as backends:
        to = await profile.person_called(backends.database, person.handle)
        async with backends.database.writing() as tx:
            await notifications.notify(
                backends, tx, to.id, "platform.news", link="/help", title=title, text="Read all about it."
            )


def test_news_come_to_every_window_and_are_read_once(
    house: House, opened: Callable[..., Page], somebody: NewPerson
) -> None:
    ada, desk = somebody("Ada"), opened()
    phone = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    sign_in(desk, ada)
    sign_in(phone, ada)
    with desk.expect_event("websocket"):
        desk.reload()
    phone.reload()
    bell = desk.get_by_role("banner").get_by_role("link", name="Notifications")

    tell(house, ada, "The sea is blue")
    expect(desk.get_by_role("status").filter(has_text="The sea is blue")).to_be_visible()
    expect(bell).to_have_accessible_name("Notifications 1 new")
    expect(phone.get_by_role("link", name="News 1 new")).to_be_visible()

    bell.click()
    expect(desk.get_by_role("link", name="The sea is blue").first).to_be_visible()
    desk.get_by_role("button", name="Mark as read: The sea is blue").click()
    expect(desk.get_by_role("button", name="Mark as read: The sea is blue")).to_have_count(0)
    expect(bell).to_have_accessible_name("Notifications")
    expect(phone.get_by_role("link", name="News", exact=True)).to_be_visible()


def test_what_came_while_the_line_was_cut_is_told_afterwards(page: Page, house: House, somebody: NewPerson) -> None:
    ben = somebody("Ben")
    with page.expect_event("websocket"):
        sign_in(page, ben)
    bell = page.get_by_role("banner").get_by_role("link", name="Notifications")
    tell(house, ben, "First")
    expect(bell).to_have_accessible_name("Notifications 1 new")
    with page.expect_event("websocket"):
        house.restart("realtime")
        tell(house, ben, "Second")
    expect(bell).to_have_accessible_name("Notifications 2 new", timeout=20_000)


def test_a_session_that_ends_says_so_where_it_is_open(opened: Callable[..., Page], somebody: NewPerson) -> None:
    cy, home, cafe = somebody("Cy"), opened(), opened()
    sign_in(home, cy)
    with cafe.expect_event("websocket"):
        sign_in(cafe, cy)
    home.goto("/settings/sessions")
    home.get_by_role("button", name="End all others").click()
    expect(home.get_by_text("1 other session ended.")).to_be_visible()
    expect(cafe.get_by_role("status").filter(has_text="You were signed out.")).to_be_visible()
    cafe.get_by_role("link", name="Sign in").last.click()
    expect(cafe.get_by_role("heading", name="Good to see you")).to_be_visible()
