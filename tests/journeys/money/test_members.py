"""Ben pays Ada: joins for what it is worth to him, changes his mind, has a card that fails, gives a gift, takes his money back."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE_MS, NewPerson
from tests.journeys.test_every_page import WINDOWS, faults_of
from tests.journeys.test_first_day import join as sign_up
from tests.journeys.test_first_day import newcomer
from tests.support.browser import Person, sign_in
from tests.support.buying import (
    Shop,
    back_again,
    get_payable,
    join,
    offer_tier,
    open_page,
    pay,
    publish,
    reads,
    write_post,
)
from tests.support.house import House
from tests.support.moving import books_disagree, days_pass, settled, stripe_does, stripe_says

SECRET = "The chord is a minor ninth."


@pytest.fixture(scope="module")
def shop(browser: Browser, house: House) -> Iterator[Shop]:
    """Ada's, with two tiers and a post for members."""
    context = browser.new_context(base_url=house.site_url, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page, email = context.new_page(), house.settle("Ada")
    ada = Person("Ada", email.partition("@")[0], email)
    sign_in(page, ada)
    shop = open_page(page, ada)
    offer_tier(page, shop, "Silver", "5", as_you_like=True)
    offer_tier(page, shop, "Gold", "15")
    get_payable(page, house, shop)
    publish(page, shop)
    shop.post = write_post(page, shop, "The secret chord", SECRET, "Members")
    yield shop
    context.close()


@pytest.fixture
def member(opened: Callable[..., Page], somebody: NewPerson, shop: Shop) -> Callable[..., tuple[Person, Page]]:
    """Somebody who joined just now."""

    def joined(name: str, tier: str = "Silver") -> tuple[Person, Page]:
        person, page = somebody(name), opened()
        sign_in(page, person)
        join(page, shop, tier)
        return person, page

    return joined


def test_a_visitor_becomes_a_member_for_what_it_is_worth_to_them(
    house: House, opened: Callable[..., Page], shop: Shop
) -> None:
    ben, page = newcomer("Ben"), opened()
    assert not reads(page, shop, SECRET)
    sign_up(page, house, ben)
    assert not reads(page, shop, SECRET)
    join(page, shop, "Silver", amount="7.50")
    assert reads(page, shop, SECRET)
    page.goto("/memberships")
    expect(page.get_by_text("Silver · €7.50")).to_be_visible()
    settled(house)
    assert books_disagree(house) == []


def test_up_at_once_and_down_at_the_renewal(
    house: House, shop: Shop, member: Callable[..., tuple[Person, Page]]
) -> None:
    ben, page = member("Ben")
    days_pass(house, 10, at_once=True)
    back_again(page, ben)
    change(page, shop, "Gold")
    due = page.get_by_role("button", name="Pay").inner_text()
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_text("Done. It is yours from now on.")).to_be_visible()
    expect(page.get_by_text("Gold · €15")).to_be_visible()
    settled(house)
    page.goto("/money")
    assert amount_in(due) in page.inner_text("main")

    change(page, shop, "Silver", amount="6")
    page.get_by_role("button", name="Change on").click()
    expect(page.get_by_text("you are in Silver")).to_be_visible()
    expect(page.get_by_text("Gold · €15")).to_be_visible()
    days_pass(house, 22, at_once=True)
    back_again(page, ben)
    page.goto("/memberships")
    expect(page.get_by_text("Silver · €6")).to_be_visible()
    assert reads(page, shop, SECRET)


def test_a_card_that_fails_and_is_mended(house: House, shop: Shop, member: Callable[..., tuple[Person, Page]]) -> None:
    ben, page = member("Ben")
    break_card(house, ben, "insufficient_funds")
    days_pass(house, 32, at_once=True)
    back_again(page, ben)
    page.goto("/memberships")
    expect(page.get_by_text("Payment failed")).to_be_visible()
    expect(page.get_by_text("Your card was refused. You keep everything until")).to_be_visible()
    assert reads(page, shop, SECRET)
    break_card(house, ben, "")
    days_pass(house, 3)
    page.goto("/memberships")
    expect(page.get_by_text("Active")).to_be_visible()
    assert reads(page, shop, SECRET)
    assert books_disagree(house) == []


def test_a_card_that_fails_for_good(house: House, shop: Shop, member: Callable[..., tuple[Person, Page]]) -> None:
    cy, page = member("Cy")
    break_card(house, cy, "expired_card")
    days_pass(house, 32, at_once=True)
    days_pass(house, 9)
    back_again(page, cy)
    assert not reads(page, shop, SECRET)
    page.goto("/memberships")
    expect(page.get_by_text("Former memberships (1)")).to_be_visible()
    assert "Your card was refused for the last time" in [mail["subject"] for mail in house.mails(cy.email)]
    assert books_disagree(house) == []


def test_a_gift_bought_and_claimed(house: House, opened: Callable[..., Page], somebody: NewPerson, shop: Shop) -> None:
    ben, cy = somebody("Ben"), somebody("Cy")
    page, elsewhere = opened(), opened()
    sign_in(page, ben)
    page.goto(shop.path)
    page.get_by_role("link", name="Join Gold").click()
    page.get_by_role("link", name="Give Gold as a gift").click()
    page.get_by_label("3 months").check()
    page.get_by_label("A few words for them").fill("For your birthday")
    page.get_by_role("button", name="Go on to pay").click()
    pay(page)
    page.get_by_role("link", name="Make the code").click()
    page.get_by_role("button", name="Make the code").click()
    code = page.locator("#gift-code").inner_text().strip()

    sign_in(elsewhere, cy)
    claim(elsewhere, code)
    expect(elsewhere.get_by_text("For your birthday")).to_be_visible()
    elsewhere.get_by_role("button", name="Claim it").click()
    expect(elsewhere.get_by_text("The gift is yours.")).to_be_visible()
    assert reads(elsewhere, shop, SECRET)
    claim(page, code)
    expect(page.get_by_text("No gift waits behind this code.")).to_be_visible()  # once is once

    days_pass(house, 93, at_once=True)
    back_again(elsewhere, cy)
    assert not reads(elsewhere, shop, SECRET)
    assert books_disagree(house) == []


def test_money_given_back_takes_access_with_it(
    house: House, shop: Shop, member: Callable[..., tuple[Person, Page]]
) -> None:
    _, page = member("Ben", "Gold")
    settled(house)
    assert reads(page, shop, SECRET)
    studio = shop.page
    back_again(studio, shop.owner)
    studio.goto(f"{shop.home}/money")
    studio.get_by_role("link", name="Gold").first.click()
    studio.get_by_label("Why").fill("They asked for it")
    studio.get_by_role("button", name="Give it back").click()
    expect(studio.get_by_text("It goes back.")).to_be_visible()
    settled(house)
    assert not reads(page, shop, SECRET)
    page.goto("/money")
    page.get_by_role("link", name="Gold").click()
    expect(page.get_by_role("link", name="Credit note")).to_be_visible()
    assert books_disagree(house) == []


def test_money_that_is_asked_back(
    house: House,
    opened: Callable[..., Page],
    somebody: NewPerson,
    shop: Shop,
    member: Callable[..., tuple[Person, Page]],
) -> None:
    """Ada says no, Ben asks once more, and Olu, who operates, says yes."""
    ben, page = member("Ben", "Gold")
    settled(house)
    page.goto("/money")
    page.get_by_role("link", name="Gold").click()
    page.get_by_label("What is wrong").fill("I meant the other page.")
    page.get_by_role("button", name="Ask for it back").click()
    expect(page.get_by_text("Waits for an answer")).to_be_visible()

    studio = shop.page
    back_again(studio, shop.owner)
    studio.goto(f"{shop.home}/money")
    studio.get_by_role("link", name="Answer by").first.click()
    expect(studio.get_by_text("I meant the other page.")).to_be_visible()
    studio.get_by_label("Or why not").fill("You listened to all of it.")
    studio.get_by_role("button", name="Decline").click()
    expect(studio.get_by_text("Declined. They read what you wrote.")).to_be_visible()
    assert reads(page, shop, SECRET)

    page.goto("/money")
    page.get_by_role("link", name="Gold").click()
    expect(page.get_by_text("You listened to all of it.")).to_be_visible()
    page.get_by_label("What is wrong").fill("I listened to nothing.")
    page.get_by_role("button", name="Ask for it back").click()
    expect(page.get_by_text("With the platform")).to_be_visible()

    desk = opened()
    sign_in(desk, somebody("Olu", "admin"))
    desk.goto("/admin/payments")
    desk.get_by_role("listitem").filter(has_text="I listened to nothing.").get_by_role("link").first.click()
    desk.get_by_role("button", name="Give it back").click()
    expect(desk.get_by_text("It goes back.")).to_be_visible()
    settled(house)
    assert not reads(page, shop, SECRET)
    page.goto("/money")
    page.get_by_role("link", name="Gold").click()
    expect(page.get_by_role("link", name="Credit note")).to_be_visible()
    assert any(
        "refund" in mail["subject"].lower() or "back" in mail["subject"].lower() for mail in house.mails(ben.email)
    )
    assert books_disagree(house) == []


@pytest.mark.parametrize("window", WINDOWS)
def test_pages_about_money(
    house: House, opened: Callable[..., Page], somebody: NewPerson, shop: Shop, window: dict[str, object]
) -> None:
    """Of who pays, of who earns, and of who operates: each with something on it. `MONEY_SHOTS` names a folder for pictures of them."""
    page, owner, desk = opened(**window), opened(**window), opened(**window)
    sign_in(page, somebody("Ben"))
    join(page, shop, "Silver")
    settled(house)
    page.goto("/money")
    order = page.get_by_role("link", name="Silver").first.get_attribute("href") or ""
    page.goto("/memberships")
    change = page.get_by_role("link", name=f"Change {shop.name}").get_attribute("href") or ""
    fan = ["/money", order, "/memberships", change, f"{shop.path}/tip", "/gifts/claim", shop.path]
    faults = [fault for path in fan for fault in seen(page, path)]
    sign_in(owner, shop.owner)
    places = ["", "/tiers", "/members", "/money", "/money/ledger", "/money/payouts", "/money/disputes", "/money/goals"]
    faults += [fault for place in places for fault in seen(owner, shop.home + place)]
    sign_in(desk, somebody("Olu", "admin"))
    assert faults + seen(desk, "/admin/payments") == []


def seen(page: Page, path: str) -> list[str]:
    found = faults_of(page, path)
    if folder := os.environ.get("MONEY_SHOTS"):
        width = (page.viewport_size or {"width": 0})["width"]
        name = re.sub(r"[0-9a-f-]{20,}", "id", path).strip("/").replace("/", "_")
        page.screenshot(path=f"{folder}/{width}_{name}.png", full_page=True)
    return found


def claim(page: Page, code: str) -> None:
    page.goto("/gifts/claim")
    page.get_by_label("The code you were given").fill(code)
    page.get_by_role("button", name="See what it is").click()


def break_card(house: House, person: Person, decline: str) -> None:
    """From now on, or no longer."""
    settled(house)
    customer = stripe_says(house, "customers", email=person.email)["data"][0]["id"]
    for method in stripe_says(house, f"customers/{customer}/payment_methods")["data"]:
        stripe_does(house, f"cards/{method['id']}/fail", decline_code=decline)


def change(page: Page, shop: Shop, tier: str, *, amount: str = "") -> None:
    page.goto("/memberships")
    page.get_by_role("link", name=f"Change {shop.name}").click()
    page.get_by_label(tier).check()
    if amount:
        page.get_by_label("What you pay").fill(amount)
    page.get_by_role("button", name="See what it costs").click()


def amount_in(words: str) -> str:
    return next(word for word in words.split() if any(letter.isdigit() for letter in word))
