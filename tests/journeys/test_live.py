"""An evening with Ada: she plans a stream, sends it as OBS does, people watch and chat, a poll, and the end."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPerson
from tests.support.browser import sign_in
from tests.support.buying import get_payable, open_page, pay, publish
from tests.support.house import House
from tests.support.moving import settled
from tests.support.streaming import AAC, H264, PICTURE, TONE, ffmpeg

PATIENCE_MS = 40_000
# There is something to go back to.
IS_OLD_ENOUGH = "() => -document.querySelector('[data-stage-seek]').min > 17"
IS_PLAYING = "() => document.querySelector('video').currentTime > 1"


@contextmanager
def encoder(server: str, key: str, seconds: int = 90) -> Iterator[None]:
    """Sends in real time; ends by itself, or when the story goes on."""
    sources = ("-re", "-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", TONE, "-t", str(seconds))
    command = [
        ffmpeg(),
        "-hide_banner",
        "-loglevel",
        "error",
        *sources,
        *H264,
        "-g",
        "60",
        *AAC,
        "-f",
        "flv",
        f"{server}/{key}",
    ]
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait()


def say(page: Page, words: str) -> None:
    page.get_by_label("Your message").fill(words)
    page.get_by_label("Your message").press("Enter")


def test_an_evening_with_ada(house: House, opened: Callable[..., Page], somebody: NewPerson) -> None:
    ada, ben = somebody("Ada"), somebody("Ben")
    desk = opened()
    phone = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark")
    sign_in(desk, ada)
    shop = open_page(desk, ada)
    get_payable(desk, house, shop)
    publish(desk, shop)
    desk.goto(f"{shop.home}/live")
    desk.get_by_label("Title").fill("Painting the sea")
    desk.get_by_role("button", name="Plan it, and show me the key").click()
    server, key = desk.locator("#server").inner_text(), desk.locator("#key").inner_text()
    watch = str(desk.get_by_role("link", name="Watch it").get_attribute("href"))
    stream = watch.rsplit("/", 1)[1]

    sign_in(phone, ben)
    phone.goto(watch)
    expect(phone.get_by_role("status").filter(has_text="is getting ready")).to_be_visible()
    stranger = opened()
    stranger.goto(watch)
    expect(stranger.get_by_text("Sign in to take part.")).to_be_visible()

    with encoder(server, key):
        for page in (phone, stranger):  # without anybody touching it
            page.wait_for_function(IS_PLAYING, timeout=60_000)
        say(phone, "The waves are lovely")
        expect(stranger.get_by_text("The waves are lovely")).to_be_visible()
        desk.goto(f"{shop.home}/live/{stream}")
        expect(desk.get_by_text("On air since", exact=False)).to_be_visible()

        desk.get_by_text("For moderators").click()
        desk.get_by_label("Ask them something").fill("Which colour next?")
        desk.get_by_label("Answer 1").fill("Blue")
        desk.get_by_label("Answer 2").fill("Red")
        desk.get_by_role("button", name="Open the poll").click()
        phone.get_by_role("button", name="Blue").click()
        expect(phone.get_by_text("Blue (yours)")).to_be_visible()
        expect(stranger.get_by_text("1 vote", exact=False)).to_be_visible()

        say(desk, "Blue it is")
        expect(phone.get_by_text("Blue it is")).to_be_visible()
        desk.get_by_label("What to do with the message of Ben").click()
        desk.get_by_role("button", name="Remove", exact=True).click()
        expect(stranger.get_by_text("The waves are lovely")).to_have_count(0)

        stranger.goto(watch.split("/live/")[0])  # the page of its creator says so
        expect(stranger.get_by_label("Live", exact=True).get_by_text("Live now")).to_be_visible()
        stranger.get_by_role("link", name="Painting the sea").click()
        stranger.wait_for_url(f"**{watch}")
        stranger.goto("/live")
        expect(stranger.get_by_role("link", name="Painting the sea")).to_be_visible()
        # Back in time and at the moment again, without leaving the page.
        stranger.goto(watch)
        stranger.wait_for_function(IS_PLAYING, timeout=60_000)
        stranger.wait_for_function(IS_OLD_ENOUGH, timeout=60_000)
        stranger.get_by_role("button", name="Back 15 seconds").click()
        expect(stranger.locator("[data-stage-behind]")).to_contain_text("−0:", timeout=20_000)
        stranger.get_by_role("button", name="Back to live").click()
        expect(stranger.get_by_role("button", name="Live", exact=True)).to_be_visible(timeout=20_000)
        say(desk, "/mark The sea turns blue")
        expect(desk.get_by_text("Marked: a chapter of the recording.")).to_be_visible()

        phone.get_by_role("button", name="Tip", exact=True).click()  # one
        phone.get_by_role("button", name="5 EUR", exact=True).click()  # two
        pay(phone)
        settled(house)
        expect(stranger.locator("[data-stage-alert]")).to_contain_text("Ben tips")
        expect(stranger.locator(".chat__row--tip")).to_contain_text("5")
        phone.goto(watch)

        desk.get_by_role("button", name="End the stream").click()
        expect(phone.get_by_text("This chat has ended.")).to_be_visible()
        expect(phone.get_by_role("status").filter(has_text="This stream is over.")).to_be_visible()

    desk.goto(f"{shop.home}/live/{stream}")
    expect(desk.get_by_role("heading", name="The recording")).to_be_visible(timeout=PATIENCE_MS)
    desk.get_by_role("button", name="Publish this recording").click()
    expect(desk.get_by_text("It is published.")).to_be_visible()
    phone.goto(watch)
    phone.get_by_role("button", name="The sea turns blue").click()
    phone.wait_for_function(IS_PLAYING, timeout=60_000)
    expect(phone.get_by_text("Blue it is")).to_be_visible()
    phone.evaluate("() => { document.querySelector('video').currentTime = 0.1 }")
    expect(phone.get_by_text("Blue it is")).to_have_count(0)
