"""Ada goes live from her browser: she looks at herself first, then everybody does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from directfanz.processes.streaming.whip.door import is_installed
from tests.journeys.conftest import NewPerson
from tests.support.browser import EXECUTABLE, FLAGS, sign_in
from tests.support.buying import open_page, publish

CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
IS_PLAYING = "() => document.querySelector('.stage__video').currentTime > 1"
SIZE = "() => [document.querySelector('.stage__video').videoWidth, document.querySelector('.stage__video').videoHeight]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """With a camera that shows a moving picture and beeps."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=[*FLAGS, *CAMERA])
        yield browser
        browser.close()


@pytest.mark.skipif(not is_installed(), reason="GOING LIVE FROM A BROWSER IS NOT TESTED: install the extra `whip`")
@pytest.mark.skipif(not Path(EXECUTABLE).exists(), reason="needs Chromium")
def test_ada_goes_live_from_her_browser(opened: Callable[..., Page], somebody: NewPerson) -> None:
    ada = somebody("Ada")
    desk, viewer = opened(), opened(viewport={"width": 390, "height": 844})
    sign_in(desk, ada)
    shop = open_page(desk, ada)
    publish(desk, shop)
    desk.goto(f"{shop.home}/live")
    desk.get_by_label("Title").fill("From my desk")
    desk.get_by_role("button", name="Plan it, and show me the key").click()
    watch = str(desk.get_by_role("link", name="Watch it").get_attribute("href"))
    desk.goto(f"{shop.home}/live/{watch.rsplit('/', 1)[1]}")  # the key is not shown any more: a new one is made
    desk.get_by_role("button", name="Try camera and microphone").click()
    expect(desk.get_by_text("This is what people will see")).to_be_visible()
    desk.wait_for_function("() => document.querySelector('[data-level]').value > 0.02")

    viewer.goto(watch)
    desk.get_by_role("button", name="Go live").click()
    expect(desk.get_by_text("You are live.")).to_be_visible()
    viewer.wait_for_function(IS_PLAYING, timeout=60_000)
    width, height = viewer.evaluate(SIZE)
    assert width > height > 0
    expect(desk.get_by_text("On air since", exact=False)).to_be_visible()

    desk.get_by_role("button", name="Stop sending").click()
    expect(desk.get_by_text("You are not live any more.", exact=False)).to_be_visible()
    expect(desk.locator("#condition").get_by_text("Back in a moment")).to_be_visible()
    desk.get_by_role("button", name="Go live").click()  # and comes back to the same stream
    expect(desk.get_by_text("You are live.")).to_be_visible()
    expect(desk.locator("#condition").get_by_text("On air since", exact=False)).to_be_visible()
    desk.get_by_role("button", name="Stop sending").click()
    desk.get_by_role("button", name="End the stream").click()
    expect(viewer.get_by_role("status").filter(has_text="This stream is over.")).to_be_visible()
