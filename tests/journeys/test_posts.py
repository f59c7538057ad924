"""Ada writes where the line is poor, Cy finds what he may read and the way to the rest, Ben watches on his phone; and what people say."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import NewPerson
from tests.journeys.test_creators import begin_page, offer_tier
from tests.journeys.test_watching import PHONE, READY_MS, file_of, plays_beyond, time_of, until
from tests.support.bad_media import jpeg
from tests.support.browser import axe_findings, overflows, sign_in, small_targets
from tests.support.films import film
from tests.support.house import House
from tests.support.post_by_api import published

BROKEN_SECONDS = 4


def unwatched(page: Page) -> Page:
    """Its console tells of every broken line, and that is fine."""
    return page.context.new_page()


@pytest.mark.requirement("U5")
def test_from_the_first_word_to_a_stranger(
    house: House, opened: Callable[..., Page], somebody: NewPerson, tmp_path: Path
) -> None:
    """A draft outlives a lost connection, files are sent from where it is written, and a stranger finds the teaser and the way in."""
    first, ada, picture = opened(), somebody("Ada"), tmp_path / "window.jpg"
    picture.write_bytes(jpeg((1200, 800)))
    sign_in(first, ada)
    slug = begin_page(first, ada)
    first.request.post(f"/api/v1/creators/{slug}/publish", headers={"Origin": house.site_url})
    offer_tier(first, house, slug, "Listener")
    title, page = f"Marginalia {ada.handle[-6:]}", unwatched(first)
    page.goto(f"/studio/{slug}/posts/new")
    state = page.locator("[data-state]")
    page.get_by_label("Title").fill(title)
    expect(state).to_contain_text("Saved at")
    page.context.set_offline(True)
    page.get_by_label(re.compile("^Text")).fill("Only for members: vellum.")
    expect(state).to_contain_text("You are offline.")
    page.context.set_offline(False)
    expect(state).to_contain_text("Saved at")
    page.get_by_label("Upload files").set_input_files(str(picture))
    expect(page.locator(".attached__row").get_by_text("window.jpg")).to_be_visible()
    page.get_by_label("What it shows, for those who do not see it: window.jpg").fill("A window at night")
    expect(page.locator(".attached__row small")).to_have_text("Picture", timeout=READY_MS)
    page.get_by_role("radio", name=re.compile("^Members")).check()
    with page.expect_response(
        lambda answer: answer.request.method == "PUT" and "margins" in (answer.request.post_data or "")
    ):
        page.get_by_label("Teaser").fill("What stands in the margins of old books.")
    expect(state).to_contain_text("Saved at")
    page.reload()
    expect(page.get_by_label(re.compile("^Text"))).to_have_value("Only for members: vellum.")
    page.get_by_role("button", name="Publish").first.click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("link", name="Open A window at night")).to_be_visible()

    cy = opened(**PHONE)
    cy.goto("/search")
    cy.get_by_role("combobox").fill(title)
    cy.get_by_role("combobox").press("Enter")
    cy.get_by_role("link", name=title).click()
    expect(cy.get_by_text("What stands in the margins of old books.")).to_be_visible()
    expect(cy.get_by_text("1 picture")).to_be_visible()
    assert "vellum" not in cy.content()
    assert "/media/" not in cy.content(), "no way to a file, not even a closed one"
    assert not axe_findings(cy)
    assert not overflows(cy)
    assert not small_targets(cy)
    cy.get_by_role("link", name="Join Listener").click()
    expect(cy).to_have_url(re.compile("/sign-in|/sign-up|/join/"))
    cy.goto("/search?q=vellum")
    expect(cy.get_by_role("link", name=title)).to_have_count(0)


@pytest.mark.requirement("U5")
def test_a_film_on_a_line_that_breaks(house: House, opened: Callable[..., Page], somebody: NewPerson) -> None:
    """On a phone: better and worse pictures to choose from, and when the line is away for a while it goes on by itself."""
    first, ada = opened(), somebody("Ada")
    sign_in(first, ada)
    slug = begin_page(first, ada)
    first.request.post(f"/api/v1/creators/{slug}/publish", headers={"Origin": house.site_url})
    asset = file_of(house, slug, "video", film("grainy.mp4"), "Grain")
    path = published(first, house, slug, title="Grain", assets=[{"asset_id": str(asset)}])
    ben = unwatched(opened(**PHONE))
    cut, passed = [0.0], [0]

    def line(route: Route) -> None:
        passed[0] += 1
        cut[0] = cut[0] or (time.monotonic() if passed[0] > 4 else 0)
        if cut[0] and time.monotonic() < cut[0] + BROKEN_SECONDS:
            route.abort("connectionreset")
        else:
            route.continue_()

    ben.route(re.compile(r"\.m4s"), line)

    def is_ready() -> bool:
        ben.goto(path)
        return ben.locator(".player__start").count() > 0

    until(ben, is_ready)
    ben.locator(".player__start").click()
    plays_beyond(ben, 0.5)
    player = ben.get_by_role("region", name="Player: Grain")
    player.press("k")  # who waits sees the buttons
    ben.get_by_role("button", name="Speed and quality").click()
    expect(ben.get_by_role("menuitemradio", name="Automatic")).to_be_visible()
    assert ben.get_by_role("menuitemradio", name=re.compile("^[0-9]+p$")).count() >= 2
    ben.get_by_role("menuitemradio", name="240p").click()
    player.press("k")
    plays_beyond(ben, 12)
    assert cut[0], "the line was away"
    assert time_of(ben) > 12


@pytest.mark.requirement("U6")
def test_what_people_say(house: House, opened: Callable[..., Page], somebody: NewPerson) -> None:
    """Held, let in, liked; and who is blocked neither sees nor is seen."""
    ada, ben, cy = somebody("Ada"), somebody("Ben"), somebody("Cy")
    studio, bens, cys = opened(), opened(**PHONE), opened()
    for page, who in ((studio, ada), (bens, ben), (cys, cy)):
        sign_in(page, who)
    slug = begin_page(studio, ada)
    studio.request.post(f"/api/v1/creators/{slug}/publish", headers={"Origin": house.site_url})
    path = published(studio, house, slug, title="Say something", comments="hold")
    for page, words in ((bens, "I hear the fridge."), (cys, "Out of tune!")):
        page.goto(f"{path}/comments")
        page.get_by_label("Say something").fill(words)
        page.get_by_role("button", name="Say it").click()
        expect(page.get_by_text("Waits for the team")).to_be_visible()
    bens.reload()
    expect(bens.get_by_text("Out of tune!")).to_have_count(0)
    for name in ("Ben", "Cy"):
        studio.goto(f"/studio/{slug}/comments")
        studio.get_by_role("button", name=f"Let in what {name} said").click()
    studio.goto(f"/studio/{slug}/comments?show=visible")
    studio.get_by_role("button", name="Your heart for what Ben said").click()
    bens.goto(f"{path}/comments")
    expect(bens.get_by_role("article", name="Ben").get_by_text("likes it")).to_be_visible()
    expect(bens.get_by_text("Out of tune!")).to_be_visible()
    assert not axe_findings(bens)
    assert not overflows(bens)
    assert not small_targets(bens)

    bens.get_by_label("More about the comment of Cy").click()
    bens.get_by_role("button", name="Block Cy").click()
    expect(bens.get_by_text("You no longer see each other.")).to_be_visible()
    for page, mine, theirs in (
        (bens, "I hear the fridge.", "Out of tune!"),
        (cys, "Out of tune!", "I hear the fridge."),
    ):
        page.goto(f"{path}/comments")
        expect(page.get_by_text(mine)).to_be_visible()
        expect(page.get_by_text(theirs)).to_have_count(0)
    studio.goto(f"/studio/{slug}/comments?show=visible")
    studio.get_by_role("button", name="Block Cy from the page").click()
    cys.goto(path)
    expect(cys.get_by_role("heading", name="Say something")).to_have_count(0)
