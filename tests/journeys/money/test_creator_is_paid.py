"""Ada opens a page, is found able to be paid, sells, and has the money in her bank."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.journeys.conftest import NewPerson
from tests.support.browser import sign_in
from tests.support.buying import get_payable, open_page
from tests.support.house import House


def test_ada_is_paid(house: House, page: Page, somebody: NewPerson) -> None:
    sign_in(page, somebody("Ada"))
    shop = open_page(page, "Ada")
    get_payable(page, house, shop)
