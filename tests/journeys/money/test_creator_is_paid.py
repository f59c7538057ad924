"""Ada opens a page, is found able to be paid, sells, and has the money in her bank."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPerson
from tests.support.browser import sign_in
from tests.support.buying import back_again, get_payable, join, offer_tier, open_page, publish
from tests.support.house import House
from tests.support.moving import books_disagree, days_pass, settled


def test_ada_is_paid(house: House, opened: Callable[..., Page], somebody: NewPerson) -> None:
    studio, page = opened(), opened()
    ada = somebody("Ada")
    sign_in(studio, ada)
    shop = open_page(studio, ada)
    expect(studio.get_by_text("Five steps to your first member")).to_be_visible()
    offer_tier(studio, shop, "Gold", "40")
    get_payable(studio, house, shop)
    publish(studio, shop)

    sign_in(page, somebody("Ben"))
    join(page, shop, "Gold")
    settled(house)
    studio.goto(f"{shop.home}/money")
    expect(studio.get_by_text("for 7 days after each payment")).to_be_visible()

    days_pass(house, 12)
    back_again(studio, ada)
    studio.goto(f"{shop.home}/money/payouts")
    expect(studio.get_by_text("Arrived", exact=True)).to_be_visible()
    studio.get_by_role("listitem").filter(has_text="€").get_by_role("link").first.click()
    expect(studio.get_by_role("row").filter(has_text="Gold")).to_contain_text("€40.00")
    expect(studio.get_by_role("paragraph").filter(has_text="Sum")).to_contain_text("€34.54")
    assert books_disagree(house) == []
