"""A page of one's own: words, a picture, how it looks, what it tells, and leaving."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.conftest import NewPerson
from tests.support.browser import sign_in
from tests.support.house import House


def photo(side: int = 1800) -> bytes:
    """As a phone takes it: larger than what the platform takes."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 80).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def test_ada_shows_herself(house: House, page: Page, somebody: NewPerson) -> None:
    ada = somebody("Ada", "creator")
    sign_in(page, ada)
    page.goto("/settings/profile")
    picture = photo()
    assert len(picture) > 2 * 1024 * 1024
    page.get_by_label("Choose a picture").set_input_files(
        [FilePayload(name="me.jpg", mimeType="image/jpeg", buffer=picture)]
    )
    expect(page.locator("#picture .avatar img")).to_have_attribute("src", re.compile("^blob:"))
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#picture .avatar img")).to_have_attribute("src", re.compile("^/public/avatars/"))
    page.get_by_label("About you").fill("Paints at night.\nSays yes to the sea.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto(f"/@{ada.handle}")
    shown = page.locator(".profile .avatar img")
    expect(shown).to_have_js_property("naturalWidth", 512)
    expect(page.get_by_text("Paints at night.")).to_be_visible()


def test_a_picture_that_is_none_is_refused_where_it_was_chosen(page: Page, somebody: NewPerson) -> None:
    sign_in(page, somebody("Ben"))
    page.goto("/settings/profile")
    page.get_by_label("Choose a picture").set_input_files(
        [FilePayload(name="me.png", mimeType="image/png", buffer=b"not a picture")]
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("This picture cannot be read. Choose another.")).to_be_visible()


def test_a_taken_handle_keeps_what_was_typed(page: Page, somebody: NewPerson) -> None:
    ada, ben = somebody("Ada"), somebody("Ben")
    sign_in(page, ben)
    page.goto("/settings/profile")
    page.get_by_label("Handle").fill(ada.handle)
    page.get_by_label("About you").fill("Not lost.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"The handle {ada.handle} is taken.")).to_be_visible()
    expect(page.get_by_label("About you")).to_have_value("Not lost.")
    expect(page.get_by_label("Handle")).to_be_focused()


def test_night_is_there_from_the_first_byte(house: House, opened: Callable[..., Page], somebody: NewPerson) -> None:
    cy, page = somebody("Cy"), opened(color_scheme="light")
    sign_in(page, cy)
    page.goto("/settings/appearance")
    page.get_by_role("radio", name="Night Light").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label("Large").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    answer = page.request.get("/")
    assert '<html lang="en" dir="ltr" data-theme="dark" data-text="large">' in answer.text()

    other = opened(color_scheme="light")
    sign_in(other, cy)
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")


def test_strangers_choose_their_looks_too(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False, color_scheme="light")
    page.goto("/")
    page.get_by_role("contentinfo").get_by_role("link", name="Appearance").click()
    page.get_by_role("radio", name="Night Light").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_notifications_are_chosen_and_what_is_fixed_stays(page: Page, somebody: NewPerson) -> None:
    sign_in(page, somebody("Ada"))
    page.goto("/settings/notifications")
    news = page.get_by_role("group", name="New things on the platform, a few times a year.")
    news.get_by_role("switch", name="By e-mail").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(news.get_by_role("switch", name="By e-mail")).not_to_be_checked()
    expect(news.get_by_role("switch", name="At once, while you look")).to_be_checked()
    closing = page.get_by_role("group", name="When somebody closes your account.")
    expect(closing.get_by_role("switch", name="By e-mail")).to_be_disabled()


def test_ben_leaves_and_changes_his_mind(page: Page, somebody: NewPerson) -> None:
    ben = somebody("Ben")
    sign_in(page, ben)
    page.goto("/settings/privacy")
    page.get_by_label("Type your handle to confirm").fill("somebody_else")
    page.get_by_role("button", name="Close my account").click()
    expect(page.get_by_text(f"Type {ben.handle}, so that nothing happens by mistake.")).to_be_visible()
    page.get_by_label("Type your handle to confirm").fill(ben.handle)
    page.get_by_role("button", name="Close my account").click()
    expect(page.get_by_text("Your account is closing.")).to_be_visible()
    assert page.goto(f"/@{ben.handle}").status == 404  # type: ignore[union-attr]

    sign_in(page, ben)
    page.goto("/settings/privacy")
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_text("Your account stays.")).to_be_visible()
    assert page.goto(f"/@{ben.handle}").status == 200  # type: ignore[union-attr]
