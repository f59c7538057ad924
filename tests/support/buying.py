"""What people do with money in a browser, in their words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from directfanz.kit.ids import new_id
from tests.support.browser import Person, sign_in
from tests.support.house import House
from tests.support.moving import settled

GOOD = "4242 4242 4242 4242"


@dataclass
class Shop:
    """A creator's page: `path` as its visitors know it, `home` in the studio, where `page` is its owner's browser."""

    name: str
    path: str
    home: str
    owner: Person
    page: Page
    post: str = ""


def open_page(page: Page, owner: Person) -> Shop:
    """Somebody who is signed in begins a page of their own."""
    name, mark = owner.name, new_id().hex[-8:]
    page.goto("/studio/begin")
    page.get_by_label("Name of the page").fill(f"{name} {mark}")
    page.get_by_label("Address").fill(f"{name.lower()}-{mark}")
    page.get_by_label("Where you live").select_option("DE")
    page.get_by_label("Currency").select_option("EUR")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    return Shop(f"{name} {mark}", f"/c/{name.lower()}-{mark}", f"/studio/{name.lower()}-{mark}", owner, page)


def get_payable(page: Page, house: House, shop: Shop) -> None:
    """Through the provider's form, and back."""
    page.goto(f"{shop.home}/payout-account")
    page.get_by_role("button", name="Open the form").click()
    page.get_by_label("Full name").fill("Ada Marsh")
    page.get_by_role("button", name="Agree and finish").click()
    expect(page.get_by_role("heading", name="You can be paid")).to_be_visible()
    settled(house)


def offer_tier(page: Page, shop: Shop, name: str, price: str, *, as_you_like: bool = False) -> None:
    page.goto(f"{shop.home}/tiers/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("What members get").fill("A new song each month\nThe rough cuts")
    page.get_by_label("Price a month").fill(price)
    if as_you_like:
        page.get_by_label("Pay what you want").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name=f"Open {name}").click()
    expect(page.get_by_role("listitem").filter(has_text=name).get_by_text("Open", exact=True)).to_be_visible()


def publish(page: Page, shop: Shop) -> None:
    page.goto(shop.path)
    page.get_by_role("button", name="Publish it").click()
    expect(page.get_by_role("button", name="Publish it")).to_have_count(0)


def write_post(page: Page, shop: Shop, title: str, text: str, reads: str) -> str:
    """Published for whom `reads` names; answers its address."""
    page.goto(f"{shop.home}/posts/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text").fill(text)
    page.get_by_role("radio", name=re.compile(f"^{reads}")).check()
    page.get_by_role("button", name="Publish").click()
    page.goto(shop.path)
    link = page.get_by_role("link", name=title)
    return str(link.get_attribute("href"))


def pay(page: Page, card: str = GOOD) -> None:
    """On the provider's page."""
    page.get_by_label("Country").select_option("DE")
    page.get_by_role("button", name=card).click()


def join(page: Page, shop: Shop, tier: str, *, amount: str = "", card: str = GOOD) -> None:
    """From the creator's page to the provider's and back."""
    page.goto(shop.path)
    page.get_by_role("link", name=f"Join {tier}").click()
    if amount:
        page.get_by_label("What you want to pay").fill(amount)
    page.get_by_role("button", name="Go on to pay").click()
    pay(page, card)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def reads(page: Page, shop: Shop, words: str) -> bool:
    """Whether the post for members is open to whoever looks."""
    page.goto(shop.post)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return words in page.inner_text("main")


def back_again(page: Page, person: Person) -> None:
    """Days later, signed in anew."""
    page.context.clear_cookies()
    sign_in(page, person)
