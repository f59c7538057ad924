"""Ada looks at her files as viewers will: on a phone, and from where she stopped."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from directfanz.domains.media.models import Kind
from tests.journeys.conftest import NewPerson
from tests.journeys.test_creators import begin_page
from tests.support.bad_media import jpeg, pdf
from tests.support.browser import axe_findings, overflows, sign_in, small_targets
from tests.support.films import film
from tests.support.house import House
from tests.support.processing import put_into_house

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
READY_MS = 120_000  # a busy machine encodes slowly


def file_of(house: House, slug: str, kind: Kind, path: Path, name: str) -> UUID:
    with ThreadPoolExecutor(1) as aside:  # the browser's loop runs in this thread
        return aside.submit(asyncio.run, put_into_house(house.environment, slug, kind, path, name)).result()


def time_of(page: Page) -> float:
    seconds: float = page.evaluate("document.querySelector('video, audio').currentTime")
    return seconds


def plays_beyond(page: Page, seconds: float) -> None:
    until(page, lambda: time_of(page) > seconds)


def until(page: Page, true: Callable[[], bool]) -> None:
    """The page's own policy lets nobody evaluate words in it, so it is asked from here."""
    for _ in range(600):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not become true within a minute")


# What a lock screen or a headset would do: it calls what the page left with the browser.
LISTENING = """() => {
    const left = (window.left = {});
    const set = navigator.mediaSession.setActionHandler.bind(navigator.mediaSession);
    navigator.mediaSession.setActionHandler = (action, handler) => { left[action] = handler; set(action, handler); };
}"""
# No tab of a browser without a window is ever hidden, so the page is told that it is.
HIDDEN = """hidden => {
    Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""


def goes_into_a_small_window(page: Page) -> None:
    def away() -> bool:
        return bool(page.evaluate("document.pictureInPictureElement === document.querySelector('video')"))

    page.get_by_role("button", name="Small window").click()
    until(page, away)
    at = time_of(page)
    plays_beyond(page, at + 0.3)
    page.get_by_role("button", name="Small window").click()
    until(page, lambda: not away())


def plays_on_in_the_background(page: Page, title: str) -> None:
    """Out of sight it goes on; the buttons of a lock screen work, and say what plays."""
    paused = "document.querySelector('audio').paused"
    page.evaluate(
        "document.querySelector('audio').loop = true"
    )  # however busy the machine is, it does not end meanwhile
    page.evaluate(HIDDEN, True)
    page.evaluate("window.left.seekto({ seekTime: 0 })")
    plays_beyond(page, 1)
    told = page.evaluate("[navigator.mediaSession.metadata.title, Object.keys(window.left).sort()]")
    assert told == [title, ["pause", "play", "seekbackward", "seekforward", "seekto"]]
    page.evaluate("window.left.pause()")
    until(page, lambda: bool(page.evaluate(paused)))
    page.evaluate("window.left.seekto({ seekTime: 2 })")
    assert abs(time_of(page) - 2) < 0.1
    page.evaluate("window.left.seekforward({})")
    assert time_of(page) > 2
    page.evaluate("window.left.play()")
    until(page, lambda: not page.evaluate(paused))
    page.evaluate(HIDDEN, False)


@pytest.mark.requirement("U5")
def test_a_film_on_a_phone_from_where_one_stopped(
    house: House, opened: Callable[..., Page], somebody: NewPerson
) -> None:
    page = opened(**PHONE)
    ada = somebody("Ada")
    sign_in(page, ada)
    slug = begin_page(page, ada)
    asset = file_of(house, slug, "video", film("plain.mp4"), "My first film")
    scripts: list[str] = []
    page.on("response", lambda answer: scripts.append(answer.url) if answer.url.endswith((".js", ".m4s")) else None)
    page.goto(f"/studio/{slug}/files/{asset}/watch")
    start = page.get_by_role("button", name="Play", exact=True).first
    expect(start).to_be_visible(timeout=READY_MS)  # the page looked after its file itself
    assert not [url for url in scripts if "/hls-" in url]  # nothing heavy before somebody wants it
    assert not axe_findings(page)
    assert not overflows(page)
    page.locator(".player__start").click()
    plays_beyond(page, 1)
    assert [url for url in scripts if "/hls-" in url]
    assert [url for url in scripts if url.endswith(".m4s")]
    assert page.evaluate("document.querySelector('video').videoHeight") <= 180
    goes_into_a_small_window(page)
    player = page.get_by_role("region", name="Player: My first film")
    player.press("6")  # the first five seconds are not worth remembering
    plays_beyond(page, 5.2)
    with page.expect_response(re.compile(r"/media/.*/position$")) as kept:
        player.press("k")
    assert kept.value.ok
    stopped = time_of(page)
    page.get_by_role("button", name="Speed and quality").click()
    expect(
        page.get_by_role("menuitemradio", name="Normal")
    ).to_be_visible()  # a film of one size has no quality to choose
    assert not small_targets(page)
    page.get_by_role("menuitemradio", name="1.5 x").click()
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.5
    assert not axe_findings(page)

    elsewhere = opened()  # another device: only the server can know
    sign_in(elsewhere, ada)
    elsewhere.goto(f"/studio/{slug}/files/{asset}/watch")
    elsewhere.get_by_role("button", name="Go on at 0:0").click()
    plays_beyond(elsewhere, stopped - 1)
    assert time_of(elsewhere) < stopped + 6


def test_sounds_pictures_and_documents(
    house: House, opened: Callable[..., Page], somebody: NewPerson, tmp_path: Path
) -> None:
    page = opened(**PHONE)
    page.add_init_script(f"({LISTENING})()")
    ada = somebody("Ada")
    sign_in(page, ada)
    slug = begin_page(page, ada)
    photo, paper = tmp_path / "photo.jpg", tmp_path / "paper.pdf"
    photo.write_bytes(jpeg((900, 600)))
    paper.write_bytes(pdf(3))
    song = file_of(house, slug, "audio", film("song.mp3"), "A song")
    picture = file_of(house, slug, "image", photo, "A photo")
    papers = file_of(house, slug, "document", paper, "A paper")

    page.goto(f"/studio/{slug}/files/{song}/watch")
    expect(page.locator(".seek__wave")).to_be_visible(timeout=READY_MS)
    page.get_by_role("button", name="Play", exact=True).click()
    plays_beyond(page, 0.5)
    plays_on_in_the_background(page, "A song")
    assert not axe_findings(page)

    page.goto(f"/studio/{slug}/files/{picture}/watch")
    opener = page.get_by_role("link", name="Open A photo")
    expect(opener).to_be_visible(timeout=READY_MS)
    opener.click()
    expect(page.get_by_role("dialog", name="Picture").get_by_role("img")).to_be_visible()
    until(page, lambda: bool(page.evaluate("document.querySelector('.lightbox__picture').naturalWidth > 0")))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()

    page.goto(f"/studio/{slug}/files/{papers}/watch")
    expect(page.get_by_role("img", name="Page 1")).to_be_visible(timeout=READY_MS)
    expect(page.get_by_text("3 pages")).to_be_visible()
    page.get_by_role("link", name="Page 2").click()
    expect(page.get_by_text("2 of 3")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("3 of 3")).to_be_visible()
    page.keyboard.press("Escape")
    assert not overflows(page)
