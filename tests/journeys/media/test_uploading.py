"""Ada uploads from a train: the line breaks, the tab dies, the store dies; the file arrives as it was."""

from __future__ import annotations

import hashlib
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from directfanz.local import status
from directfanz.local.state import State
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


@pytest.mark.drill  # it kills the store under all who share the house
def test_a_file_arrives_though_the_store_dies(
    house: House, opened: Callable[..., Page], somebody: NewPerson, tmp_path: Path
) -> None:
    """Killed with half of it on its way: the supervisor starts it again, the page goes on, and the file is as it was."""
    ada, film = somebody("Ada"), file_of(tmp_path, "night.png", 80 * MIB)
    first = opened()
    sign_in(first, ada)
    slug = begin_page(first, ada)
    page = first.context.new_page()  # its console tells of every broken line, and that is fine
    page.goto(f"/studio/{slug}/library")
    arrived: list[str] = []
    page.on(
        "requestfinished", lambda request: arrived.append(request.url) if "X-Amz-Signature" in request.url else None
    )
    choose(page, film)
    for _ in range(600):
        if len(arrived) >= 2:
            break
        page.wait_for_timeout(50)
    os.kill(pid_of(house, "seaweedfs"), signal.SIGKILL)
    expect(page.locator("#files").get_by_text("night.png")).to_be_visible(timeout=120_000)
    expect(page.locator("#files li[data-busy]")).to_have_count(0, timeout=120_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download night.png").click()
    came = Path(download.value.path())
    assert hashlib.sha256(came.read_bytes()).digest() == hashlib.sha256(film.read_bytes()).digest()


def pid_of(house: House, part: str) -> int:
    told = status.read(State(Path(house.state_dir)).status_file)
    assert told is not None
    pid = next(each.pid for each in told.parts if each.name == part)
    assert pid is not None
    return pid
