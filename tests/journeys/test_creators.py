"""Ada becomes a creator, looks at her page with others' eyes, and asks Eve into her team."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.conftest import NewPerson
from tests.support.browser import Person, sign_in
from tests.support.house import House


def photo() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((1500, 1200), 60).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


def begin_page(page: Page, ada: Person, name: str = "Night songs") -> str:
    """Her page's address."""
    page.goto("/studio")
    expect(page.get_by_role("heading", name="Your own page")).to_be_visible()
    slug = f"night-{ada.handle.replace('_', '-')}"
    page.get_by_label("Name of the page").fill(name)
    page.get_by_label("Address").fill(slug)
    page.get_by_label("Where you live").select_option("FR")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    return slug


def write_post(page: Page, slug: str, title: str, text: str, access: str = "Everybody") -> None:
    page.goto(f"/studio/{slug}/posts/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label(re.compile("^Text")).fill(text)
    page.get_by_role("radio", name=re.compile(f"^{access}")).check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def offer_tier(page: Page, house: House, slug: str, name: str) -> None:
    """By the API, as a program would: the page of tiers has a journey of its own."""
    answer = page.request.post(
        f"/api/v1/creators/{slug}/tiers",
        data={"name": name, "min_amount": 500, "benefits": ["Every song"]},
        headers={"Origin": house.site_url},
    )
    assert answer.ok, answer.text()
    tier = answer.json()["id"]
    opened = page.request.post(f"/api/v1/tiers/{tier}/open", headers={"Origin": house.site_url})
    assert opened.ok, opened.text()


def test_ada_becomes_a_creator_by_the_checklist(house: House, page: Page, somebody: NewPerson) -> None:
    ada = somebody("Ada")
    sign_in(page, ada)
    page.get_by_role("button", name="Your account").click()
    page.locator("#account-menu").get_by_role("link", name="Studio").click()
    slug = begin_page(page, ada)
    expect(page.get_by_text("0 of 5").first).to_be_visible()
    assert page.request.get(f"/api/v1/creators/{slug}").status == 404, "nobody sees a draft"

    page.get_by_role("link", name="Dress: Dress your page").click()
    page.get_by_label("In one line").fill("Songs written between midnight and four.")
    page.get_by_role("textbox", name=re.compile("^About")).fill("I write **one song a week**.")
    page.get_by_role("button", name="Save the words").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.locator("#avatar").set_input_files([FilePayload(name="me.jpg", mimeType="image/jpeg", buffer=photo())])
    page.get_by_role("button", name="Upload the picture").click()
    expect(page.locator("[data-kind=avatar] .avatar img")).to_have_attribute(
        "src", re.compile("^/public/creators/avatar/")
    )
    page.get_by_role("radio", name="Teal").check()
    page.get_by_role("button", name="Save the colour").click()
    expect(page.get_by_text("Your colour shows.")).to_be_visible()
    page.get_by_label("Words of link 1").fill("Records")
    page.get_by_label("Address of link 1").fill("javascript:alert(1)")
    page.get_by_role("button", name="Save the links").click()
    expect(page.get_by_text("A link begins with https://.")).to_be_visible()
    expect(page.get_by_label("Words of link 1")).to_have_value("Records")
    page.get_by_label("Address of link 1").fill("records.example.com/ada")
    page.get_by_role("button", name="Save the links").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    write_post(page, slug, "The long winter", "It *snowed* for three days.")
    page.goto(f"/studio/{slug}")
    expect(page.get_by_text("2 of 5").first).to_be_visible()
    page.get_by_role("link", name="Look: Publish your page").click()
    expect(page.get_by_role("link", name="Records")).to_have_attribute("href", "https://records.example.com/ada")
    page.get_by_role("navigation", name="See this page as").get_by_role("link", name="You, the team").click()
    page.get_by_role("button", name="Publish it").click()
    expect(page.get_by_text("Your page is public now.")).to_be_visible()
    expect(page.get_by_text("3 of 5").first).to_be_visible()
    assert page.request.get(f"/api/v1/creators/{slug}").json()["name"] == "Night songs"


def test_the_page_with_other_eyes(house: House, opened: Callable[..., Page], somebody: NewPerson) -> None:
    ada, page = somebody("Ada"), opened()
    sign_in(page, ada)
    slug = begin_page(page, ada)
    offer_tier(page, house, slug, "Listener")
    write_post(page, slug, "For all", "Everybody hears this.")
    write_post(page, slug, "For members", "Drop the sixth string.", "Members")
    page.goto(f"/studio/{slug}/page")
    page.get_by_role("button", name="Publish the page").click()
    expect(page.get_by_text("Your page is public now.")).to_be_visible()

    page.goto(f"/c/{slug}")
    eyes = page.get_by_role("navigation", name="See this page as")
    expect(page.get_by_text("Open for you")).to_be_visible()
    eyes.get_by_role("link", name="A stranger").click()
    expect(page.get_by_text("Open for you")).to_have_count(0)
    page.get_by_role("link", name="For members").click()
    expect(page.get_by_role("heading", name="For members of Night songs")).to_be_visible()
    expect(page.get_by_text("Drop the sixth string.")).to_have_count(0)
    expect(page.get_by_role("link", name="Join Listener")).to_be_visible()
    page.get_by_role("navigation", name="See this page as").get_by_role("link", name="A member of Listener").click()
    expect(page.get_by_text("Drop the sixth string.")).to_be_visible()

    cy = opened()
    cy.goto(f"/c/{slug}?as=tier-1")
    expect(cy.get_by_role("navigation", name="See this page as")).to_have_count(0)
    cy.get_by_role("link", name="For members").click()
    expect(cy.get_by_text("Drop the sixth string.")).to_have_count(0)
    assert "Drop the sixth string" not in cy.content()


def test_eve_is_asked_into_the_team_by_mail(house: House, opened: Callable[..., Page], somebody: NewPerson) -> None:
    ada, eve, page = somebody("Ada"), somebody("Eve"), opened()
    sign_in(page, ada)
    slug = begin_page(page, ada)
    page.goto(f"/studio/{slug}/team")
    page.get_by_label("E-mail address").fill(eve.email)
    page.get_by_role("radio", name=re.compile("Editor")).check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text(f"An invitation is on its way to {eve.email}.")).to_be_visible()
    link = house.link_in_mail(eve.email, "invited to a team")

    other = opened()
    other.goto(link)
    expect(other.get_by_role("heading", name="Good to see you")).to_be_visible()
    sign_in(other, eve)
    other.goto(link)
    expect(other.get_by_role("heading", name="Night songs wants you in their team")).to_be_visible()
    other.get_by_role("button", name="Join the team").click()
    expect(other.get_by_text("Welcome to the team of Night songs.")).to_be_visible()
    places = other.get_by_role("navigation", name="Studio")
    expect(places.get_by_role("link", name="Posts")).to_be_visible()
    expect(places.get_by_role("link", name="Money")).to_have_count(0)
    write_post(other, slug, "Eve writes", "Hello from the team.")

    other.goto(link)
    expect(other.get_by_text("This invitation was used, taken back or has run out.")).to_be_visible()
    page.goto(f"/studio/{slug}/team")
    expect(page.get_by_role("link", name="Eve", exact=True)).to_be_visible()


def test_following_and_moving(opened: Callable[..., Page], somebody: NewPerson) -> None:
    ada, ben, page = somebody("Ada"), somebody("Ben"), opened()
    sign_in(page, ada)
    slug = begin_page(page, ada)
    page.goto(f"/studio/{slug}/page")
    page.get_by_role("button", name="Publish the page").click()
    expect(page.get_by_text("Your page is public now.")).to_be_visible()

    other = opened()
    sign_in(other, ben)
    other.goto(f"/c/{slug}")
    other.get_by_role("button", name="Follow", exact=True).click()
    expect(other.get_by_text("1 follower", exact=True)).to_be_visible()
    other.goto("/following")
    expect(other.get_by_role("link", name="Night songs")).to_be_visible()

    page.goto(f"/studio/{slug}/page")
    page.get_by_label("Address", exact=True).fill(f"{slug}-2")
    page.get_by_role("button", name="Save the words").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    other.goto(f"/c/{slug}")
    expect(other).to_have_url(re.compile(f"/c/{slug}-2$"))
    other.get_by_role("button", name="Following").click()
    expect(other.get_by_text("0 followers")).to_be_visible()
