"""Ada uploads from a train: the line breaks, the tab dies, the store dies; the file arrives as it was."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import NewPerson
from tests.journeys.test_creators import begin_page
from tests.support.browser import sign_in
from tests.support.house import House
from tests.support.uploading import PNG

MIB = 1024 * 1024


def file_of(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(PNG + os.urandom(size))
    return path


def choose(page: Page, *files: Path) -> None:
    page.locator("#upload-files").set_input_files([str(each) for each in files])


def test_a_file_arrives_over_a_bad_line(
    house: House, opened: Callable[..., Page], somebody: NewPerson, tmp_path: Path
) -> None:
    ada, film = somebody("Ada"), file_of(tmp_path, "night.png", 40 * MIB)
    page = opened()
    sign_in(page, ada)
    slug = begin_page(page, ada)
    context = page.context
    page = context.new_page()  # its console tells of every broken line, and that is fine
    page.goto(f"/studio/{slug}/library")
    expect(page.get_by_text("No file yet")).to_be_visible()
    sent: list[str] = []

    def bad_line(route: Route) -> None:
        """Every third part is lost, and after four have passed the tab is killed."""
        sent.append(route.request.url)
        if len(sent) % 3 == 0 or len(sent) > 5:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(re.compile("X-Amz-Signature"), bad_line)
    choose(page, film)
    row = page.locator(".sending")
    expect(row.get_by_text("No connection. It goes on by itself")).to_be_visible()
    page.close(run_before_unload=False)

    second = context.new_page()
    second.goto(f"/studio/{slug}/library")
    unfinished = second.get_by_role("region", name="Not finished")
    expect(unfinished.get_by_text("night.png")).to_be_visible()
    again: list[str] = []
    second.on("request", lambda request: again.append(request.url) if "X-Amz-Signature" in request.url else None)
    choose(second, film)
    expect(second.locator("#files").get_by_text("night.png")).to_be_visible()
    assert len(again) <= 4, "what was there already was not sent again"
    expect(second.locator("#files li[data-busy]")).to_have_count(0)
    with second.expect_download() as download:
        second.get_by_role("link", name="Download night.png").click()
    assert download.value.suggested_filename == "night.png"
    arrived = Path(download.value.path())
    assert hashlib.sha256(arrived.read_bytes()).digest() == hashlib.sha256(film.read_bytes()).digest()
