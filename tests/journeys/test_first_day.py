"""From nothing to one's own data in hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from directfanz.kit.ids import new_id
from tests.support.browser import Person, fill_sign_up, give_authenticator, sign_in, sign_out
from tests.support.house import House


def newcomer(name: str) -> Person:
    handle = f"{name.lower()}_{new_id().hex[-10:]}"
    return Person(name, handle, f"{handle}@example.com")


def join(page: Page, house: House, person: Person) -> None:
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Join").click()
    fill_sign_up(page, person)
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    page.goto(house.link_in_mail(person.email))
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.get_by_text("Welcome. Your address is confirmed.")).to_be_visible()


def test_ada_joins_adds_a_passkey_and_takes_her_data_along(house: House, opened: Callable[..., Page]) -> None:
    ada, page = newcomer("Ada"), opened()
    join(page, house, ada)

    give_authenticator(page)
    page.goto("/settings/security")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("not used yet")).to_be_visible()

    sign_out(page)
    page.goto("/sign-in")  # the browser offers the passkey by itself, and this device says yes
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()
    sign_out(page)
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()

    elsewhere = opened()
    sign_in(elsewhere, ada)
    elsewhere.goto("/settings/sessions")
    first = elsewhere.get_by_role("listitem").filter(has_text="With a passkey")
    first.get_by_role("button", name="End the session").click()
    expect(first).to_have_count(0)
    page.goto("/settings")
    expect(page).to_have_url(f"{house.site_url}/sign-in?next=/settings")

    elsewhere.goto("/settings/privacy")
    elsewhere.get_by_role("button", name="Collect my data").click()
    with elsewhere.expect_download(timeout=30_000) as arrived:
        elsewhere.get_by_role("link", name="Download").click()
    _require_ones_own_data(arrived.value.path(), ada)


def _require_ones_own_data(path: Path, person: Person) -> None:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        names = archive.namelist()
        assert {"README.txt", "index.html", "data/accounts.json"} <= set(names)
        assert person.email in archive.read("data/accounts.json").decode()


def test_a_page_without_scripts_takes_a_newcomer_in(house: House, opened: Callable[..., Page]) -> None:
    ben, page = newcomer("Ben"), opened(java_script_enabled=False)
    page.goto("/sign-up")
    fill_sign_up(page, Person(ben.name, "b", "nowhere", "short"))
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_text("A handle has 3 to 30 characters.")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value("nowhere")
    expect(page.get_by_label("Handle")).to_be_focused()
    join(page, house, ben)
    page.goto("/settings/profile")
    page.get_by_label("About you").fill("I subscribe.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(f"/@{ben.handle}")
    expect(page.get_by_text("I subscribe.")).to_be_visible()


def test_the_keyboard_alone_is_enough_to_join(house: House, page: Page) -> None:
    cy = newcomer("Cy")
    page.goto("/sign-up")
    expect(page.get_by_label("Your name")).to_be_focused()
    for words in (cy.name, cy.handle, cy.email, cy.password):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the button that shows the password
    expect(page.get_by_role("button", name="Join", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    page.goto(house.link_in_mail(cy.email))
    expect(page.get_by_role("button", name="Confirm my address")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Hello, Cy")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_a_link_opened_in_another_browser_asks_for_the_password(house: House, opened: Callable[..., Page]) -> None:
    ada, page, phone = newcomer("Ada"), opened(), opened()
    page.goto("/sign-up")
    fill_sign_up(page, ada)
    page.get_by_role("button", name="Join", exact=True).click()
    link = house.link_in_mail(ada.email)
    phone.goto(link)
    phone.get_by_label("Password", exact=True).fill("not her password at all")
    phone.get_by_role("button", name="Confirm my address").click()
    expect(phone.get_by_text("This is not the password that was chosen at the sign-up.")).to_be_visible()
    phone.get_by_label("Password", exact=True).fill(ada.password)
    phone.get_by_role("button", name="Confirm my address").click()
    expect(phone.get_by_role("heading", name="Hello, Ada")).to_be_visible()
    page.goto(link)
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
