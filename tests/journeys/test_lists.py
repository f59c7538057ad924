"""Lists grow in place, and by their links where no script runs; each has an address."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.house import House

A_PAGE = 20


def test_the_list_of_people_grows_in_place(house: House, page: Page) -> None:
    house.settle_all([f"Fan{number}" for number in range(2 * A_PAGE + 1)])
    page.goto("/people")
    cards = page.locator("#people > li")
    expect(cards).to_have_count(A_PAGE)
    for shown in (2 * A_PAGE, 2 * A_PAGE + 1):
        page.get_by_role("link", name="Show more").click()
        expect(cards.nth(shown - 1)).to_be_visible()
    seen = page.locator("#people > li h2 a").evaluate_all("links => links.map(link => link.href)")
    assert len(set(seen)) == len(seen), "somebody is there twice"
    expect(page).to_have_url(f"{house.site_url}/people")


def test_the_next_page_is_a_link_without_scripts(house: House, opened: Callable[..., Page]) -> None:
    house.settle_all([f"Guest{number}" for number in range(A_PAGE + 1)])
    page = opened(java_script_enabled=False)
    page.goto("/people")
    first = page.locator("#people > li h2 a").first.get_attribute("href")
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("#people > li h2 a").first).to_be_visible()
    assert page.locator("#people > li h2 a").first.get_attribute("href") != first
    assert "cursor=" in page.url
