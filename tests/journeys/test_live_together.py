"""What happens around a picture: a goal that fills, an emote, the player on somebody else's site, and viewers that are sent on."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import NewPerson
from tests.journeys.test_live import IS_PLAYING, encoder
from tests.support.browser import sign_in
from tests.support.buying import Shop, get_payable, open_page, pay, publish
from tests.support.house import House
from tests.support.moving import settled

FRAME = re.compile(r"/embed/live/")


@contextmanager
def foreign_site(html: str) -> Iterator[str]:
    """A page of another site; answers its address."""

    class Says(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = html.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Says)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def planned(page: Page, shop: Shop, title: str) -> tuple[str, str, str]:
    """Server, key, and the address where it is watched."""
    page.goto(f"{shop.home}/live")
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Plan it, and show me the key").click()
    watch = str(page.get_by_role("link", name="Watch it").get_attribute("href"))
    return page.locator("#server").inner_text(), page.locator("#key").inner_text(), watch


def frames(page: Page, shop: Shop, where: str) -> None:
    page.goto(f"{shop.home}/live")
    page.get_by_label("Where your public streams may stand in a frame").select_option(where)
    page.locator("[aria-labelledby=rules]").get_by_role("button", name="Save").click()
    expect(page.get_by_label("Where your public streams may stand in a frame")).to_have_value(where)


def is_refused(page: Page) -> None:
    """The frame holds the browser's own page of refusal."""
    for _ in range(100):
        if any(each.url.startswith("chrome-error://") for each in page.frames):
            return
        page.wait_for_timeout(100)
    raise AssertionError([each.url for each in page.frames])


def emote() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (64, 64), "#0b7a70").save(drawn, "PNG")
    return drawn.getvalue()


def test_a_goal_an_emote_a_frame_and_a_raid(
    house: House, browser: Browser, opened: Callable[..., Page], somebody: NewPerson
) -> None:
    ada, ben, eve = somebody("Ada"), somebody("Ben"), somebody("Eve")
    desk, fan, other = opened(), opened(), opened()
    for page, person in ((desk, ada), (fan, ben), (other, eve)):
        sign_in(page, person)
    shop, elsewhere = open_page(desk, ada), open_page(other, eve)
    get_payable(desk, house, shop)
    publish(desk, shop)
    publish(other, elsewhere)

    desk.goto(f"{shop.home}/money/goals")
    desk.get_by_label("What for").fill("A better microphone")
    desk.get_by_label("How much").fill("10")
    desk.get_by_role("button", name="Begin").click()
    expect(desk.get_by_role("heading", name="A better microphone")).to_be_visible()
    desk.goto(f"{shop.home}/emotes")
    desk.get_by_label("Picture").set_input_files({"name": "sea.png", "mimeType": "image/png", "buffer": emote()})
    desk.get_by_label("Code").fill("hello_sea")
    desk.get_by_role("button", name="Add it").click()
    expect(desk.get_by_text(":hello_sea:")).to_be_visible()

    server, key, watch = planned(desk, shop, "Painting the sea")
    _, key_of_eve, watch_eve = planned(other, elsewhere, "Carving a spoon")
    with encoder(server, key), encoder(server, key_of_eve):
        fan.goto(watch)
        fan.wait_for_function(IS_PLAYING, timeout=60_000)

        fan.get_by_role("button", name="Emotes").click()
        fan.get_by_role("button", name=":hello_sea:").click()
        fan.keyboard.press("Escape")
        fan.get_by_label("Your message").press("Enter")
        expect(fan.locator(".chat__row img.emote")).to_have_attribute("alt", ":hello_sea:")

        # Another site shows the stream while Ada lets it, and finds it by oEmbed.
        told = httpx.get(f"{house.site_url}/oembed", params={"url": house.site_url + watch}, trust_env=False).json()
        assert (told["type"], told["title"]) == ("video", "Painting the sea")
        with foreign_site(told["html"]) as site:
            guest = browser.new_context().new_page()
            guest.goto(site)
            expect(guest.frame_locator("iframe").locator("video")).to_be_visible()
            inside = guest.frame(url=FRAME)
            assert inside is not None
            inside.wait_for_function(IS_PLAYING, timeout=60_000)
            frames(desk, shop, "nowhere")
            guest.goto(site)
            is_refused(guest)
            frames(desk, shop, "anywhere")
            guest.context.close()

        # Who watches sees the goal fill when somebody gives.
        watching = opened()
        watching.goto(watch)
        watching.wait_for_function(IS_PLAYING, timeout=60_000)
        expect(watching.locator("[data-goal-words]")).to_contain_text("€0")
        fan.goto(watch)
        fan.get_by_role("button", name="Tip", exact=True).click()
        fan.get_by_role("button", name="5 EUR", exact=True).click()
        pay(fan)
        settled(house)
        expect(watching.locator("[data-stage-alert]")).to_contain_text("Ben tips")
        expect(watching.locator("[data-goal-words]")).to_contain_text("€5")

        # At the end the viewers are sent on to whoever wants them.
        desk.goto(f"{shop.home}/live/{watch.rsplit('/', 1)[1]}")
        desk.get_by_label("To whom").select_option(label=f"{elsewhere.name}: Carving a spoon")
        desk.get_by_role("button", name="Ask them").click()
        other.goto(f"{elsewhere.home}/live/{watch_eve.rsplit('/', 1)[1]}")
        other.get_by_role("button", name="Let them come").click()
        desk.reload()
        expect(desk.get_by_text("they are glad to have them")).to_be_visible()
        desk.get_by_role("button", name="End the stream").click()
        expect(watching.locator("[data-stage-alert]")).to_contain_text(f"On to {elsewhere.name}")
        watching.get_by_role("link", name="Go now").click()
        watching.wait_for_url(f"**{watch_eve}")
        watching.wait_for_function(IS_PLAYING, timeout=60_000)
