"""Coming in with an account of another provider."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from directfanz.kit.ids import new_id
from tests.journeys.conftest import NewPerson
from tests.support.browser import sign_in, sign_out
from tests.support.house import House

CONTINUE = "Continue with the test provider"


def say_who(page: Page, address: str, trick: str = "") -> None:
    """On the provider's page."""
    expect(page.get_by_role("heading", name="Who is signing in?")).to_be_visible()
    if trick:
        page.get_by_text("Sign in dishonestly").click()
        page.get_by_label("What is wrong").select_option(trick)
    page.get_by_label("Mail address").fill(address)
    page.get_by_role("button", name="Continue").last.click()


def test_a_newcomer_comes_in_and_later_comes_back(house: House, page: Page) -> None:
    local = f"fay.{new_id().hex[-8:]}"
    page.goto("/sign-up")
    page.get_by_role("button", name=CONTINUE).click()
    say_who(page, f"{local}@example.com")
    expect(page.get_by_role("heading", name="Hello, Fay")).to_be_visible()
    sign_out(page)
    page.goto("/sign-in?next=/settings/account")
    page.get_by_role("button", name=CONTINUE).click()
    say_who(page, f"{local}@example.com")
    expect(page).to_have_url(f"{house.site_url}/settings/account")
    expect(page.get_by_role("button", name="Unlink")).to_be_visible()
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_text("This is the only way into your account.")).to_be_visible()


def test_an_account_with_the_same_address_is_linked_only_by_its_owner(page: Page, somebody: NewPerson) -> None:
    ada = somebody("Ada")
    page.goto("/sign-in")
    page.get_by_role("button", name=CONTINUE).click()
    say_who(page, ada.email)
    expect(page.get_by_text("There is an account with this address. Sign in to it once")).to_be_visible()
    page.get_by_label("E-mail address").fill(ada.email)
    page.get_by_label("Password", exact=True).fill(ada.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Link them").click()
    expect(page.get_by_text("From now on the test provider opens your account.")).to_be_visible()
    sign_out(page)
    page.goto("/sign-in")
    page.get_by_role("button", name=CONTINUE).click()
    say_who(page, ada.email)
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()


def test_a_lie_of_the_provider_is_noticed(opened: Callable[..., Page]) -> None:
    page = opened()
    page.goto("/sign-in")
    page.get_by_role("button", name=CONTINUE).click()
    say_who(page, f"{new_id().hex[-8:]}@example.com", trick="wrong_nonce")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("heading", name="Good to see you")).to_be_visible()


def test_somebody_signed_in_links_from_the_settings(page: Page, somebody: NewPerson) -> None:
    ben = somebody("Ben")
    sign_in(page, ben)
    page.goto("/settings/account")
    page.get_by_role("button", name="Link", exact=True).click()
    say_who(page, f"other.{new_id().hex[-8:]}@example.com")
    expect(page.get_by_text("From now on the test provider opens your account.")).to_be_visible()
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_text("Unlinked.")).to_be_visible()
