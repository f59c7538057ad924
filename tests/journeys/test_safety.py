"""The second step, a forgotten password, a new address, programs with a token."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pyotp
from playwright.sync_api import Page, expect

from directfanz.kit.ids import new_id
from tests.journeys.conftest import NewPerson
from tests.support.browser import Person, sign_in, sign_out
from tests.support.house import House

A_NEW_PASSWORD = "fourteen tired gardeners"


def next_code(secret: str) -> str:
    """Of the step to come: the one of now may be used up. Clocks of phones are that much off."""
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30))


def switch_on_totp(page: Page) -> tuple[str, list[str]]:
    page.goto("/settings/security")
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    secret = page.locator("#totp-secret").inner_text()
    page.get_by_role("textbox", name="Code").fill("000000")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("This code is wrong.")).to_be_visible()
    page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("Two-step sign-in is on.")).to_be_visible()
    codes = page.locator("#recovery-codes li").all_inner_texts()
    assert len(codes) == 10
    return secret, codes


def give_password(page: Page, person: Person, password: str | None = None) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(password or person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_two_steps_lead_in_and_a_printed_code_when_the_phone_is_gone(page: Page, somebody: NewPerson) -> None:
    ada = somebody("Ada")
    sign_in(page, ada)
    secret, codes = switch_on_totp(page)
    page.get_by_role("link", name="I have kept them").click()
    sign_out(page)

    give_password(page, ada)
    page.get_by_label("Code").fill("123456")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("This code is wrong or was used already.")).to_be_visible()
    page.get_by_label("Code").fill(next_code(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()
    sign_out(page)

    give_password(page, ada)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()
    page.goto("/settings/security")
    expect(page.get_by_role("button", name="New recovery codes (9 left)")).to_be_visible()


def test_a_forgotten_password_is_replaced_by_mail(
    house: House, opened: Callable[..., Page], somebody: NewPerson
) -> None:
    ben, page, elsewhere = somebody("Ben"), opened(), opened()
    sign_in(elsewhere, ben)
    page.goto("/sign-in")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(ben.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    link = house.link_in_mail(ben.email)
    page.goto(link)
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save the new password").click()
    expect(page.get_by_text("A password needs at least 10 characters.")).to_be_visible()
    page.get_by_label("New password").fill(A_NEW_PASSWORD)
    page.get_by_role("button", name="Save the new password").click()
    expect(page.get_by_text("Your new password holds.")).to_be_visible()

    elsewhere.goto("/settings")
    expect(elsewhere.get_by_role("heading", name="Good to see you")).to_be_visible()
    give_password(page, ben)
    expect(page.get_by_text("The address or the password is wrong.")).to_be_visible()
    give_password(page, ben, A_NEW_PASSWORD)
    expect(page.get_by_role("heading", name="Hello, Ben")).to_be_visible()
    page.goto(link)
    page.get_by_label("New password").fill("another good long one")
    page.get_by_role("button", name="Save the new password").click()
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()


def test_nobody_learns_who_has_an_account(house: House, page: Page) -> None:
    for address in ("ada@example.com", f"{new_id().hex}@example.com"):
        page.goto("/forgot-password")
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Send the link").click()
        expect(page.get_by_text("If that address has an account")).to_be_visible()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(f"{new_id().hex}@example.com")
    page.get_by_label("Password", exact=True).fill("whatever it may be")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("The address or the password is wrong.")).to_be_visible()


def test_a_new_address_is_confirmed_and_can_be_undone(house: House, page: Page, somebody: NewPerson) -> None:
    ada, new = somebody("Ada"), f"{new_id().hex}@example.com"
    sign_in(page, ada)
    page.goto("/settings/account")
    page.get_by_text("Change it").click()
    page.get_by_label("New address").fill(new)
    page.get_by_role("button", name="Send the link").click()
    page.goto(house.link_in_mail(new))
    page.get_by_role("button", name="Use this address").click()
    expect(page.get_by_text("Your new address holds.")).to_be_visible()
    expect(page.get_by_text(new)).to_be_visible()

    page.goto(house.link_in_mail(ada.email))
    page.get_by_role("button", name="Put it back").click()
    page.get_by_label("New password").fill(A_NEW_PASSWORD)
    page.get_by_role("button", name="Save the new password").click()
    give_password(page, ada, A_NEW_PASSWORD)
    page.goto("/settings/account")
    expect(page.get_by_text(ada.email)).to_be_visible()


def test_a_token_opens_what_it_was_given_and_nothing_after_its_end(
    house: House, page: Page, somebody: NewPerson
) -> None:
    cy = somebody("Cy")
    sign_in(page, cy)
    page.goto("/settings/tokens")
    page.get_by_label("Name").fill("backup script")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_text("Choose what the token may do.")).to_be_visible()
    page.get_by_label("Read your profile and preferences").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#new-token").inner_text()

    head = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{house.site_url}/api/v1/me", headers=head).json()["handle"] == cy.handle
    refused = httpx.get(f"{house.site_url}/api/v1/notifications", headers=head)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    page.get_by_role("button", name=re.compile("^Revoke the token")).click()
    expect(page.get_by_text("None yet.")).to_be_visible()
    assert httpx.get(f"{house.site_url}/api/v1/me", headers=head).status_code == 401


def test_delicate_things_ask_again_who_is_there(page: Page, somebody: NewPerson) -> None:
    ada = somebody("Ada")
    sign_in(page, ada)
    page.goto("/confirm?next=/settings/tokens")
    page.get_by_label("Password", exact=True).fill("not hers, surely")
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text("This is not your password.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(ada.password)
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_role("heading", name="Access tokens")).to_be_visible()


def test_a_way_back_never_leads_off_the_site(house: House, page: Page, somebody: NewPerson) -> None:
    ben = somebody("Ben")
    page.goto("/sign-in?next=//evil.example/steal")
    expect(page.locator("input[name=next]")).to_have_count(0)
    page.goto("/sign-in?next=/settings")
    page.locator("input[name=next]").last.evaluate("field => field.value = '//evil.example/steal'")
    page.get_by_label("E-mail address").fill(ben.email)
    page.get_by_label("Password", exact=True).fill(ben.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{house.site_url}/")
