"""Every page, on a phone and on a desk, by day and by night: readable, reachable, within the window, quiet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import NewPerson
from tests.journeys.test_creators import begin_page, write_post
from tests.support.browser import axe_findings, overflows, sign_in, small_targets
from tests.support.engines import REPOSITORY
from tests.support.house import House

FOR_ALL = [
    "/", "/creators", "/people", "/pricing", "/help", "/terms", "/privacy", "/accessibility", "/developers", "/appearance", "/styleguide",
    "/sign-up", "/sign-in", "/check-your-mail", "/verify-email?token=x", "/forgot-password", "/forgot-password/sent",
    "/reset-password?token=x", "/undo-email-change?token=x", "/notifications/unsubscribe?token=x", "/nothing-here",
]  # fmt: skip
SIGNED_IN = [
    "/", "/settings", "/settings/profile", "/settings/account", "/settings/security", "/settings/sessions",
    "/settings/tokens", "/settings/notifications", "/settings/appearance", "/settings/privacy", "/notifications",
    "/confirm", "/confirm-email?token=x", "/studio/begin", "/following", "/team-invitations?token=x",
]  # fmt: skip
FOR_OPERATORS = [
    "/admin",
    "/admin/users",
    "/admin/creators",
    "/admin/jobs",
    "/admin/move",
    "/admin/jobs?status=waiting",
    "/admin/audit",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
WINDOWS = [
    pytest.param({**PHONE, "color_scheme": "light"}, id="phone-by-day"),
    pytest.param({**DESK, "color_scheme": "dark"}, id="desk-by-night"),
]


MOST_SCRIPT_BYTES = 200_000
MOST_PAGE_BYTES = 100_000


def test_all_scripts_together_are_small(house: House) -> None:
    """But for the player of films, which comes only when somebody presses play."""
    scripts = [each for each in (REPOSITORY / "frontend" / "dist").rglob("*.js") if not each.name.startswith("hls-")]
    assert scripts
    assert sum(each.stat().st_size for each in scripts) < MOST_SCRIPT_BYTES


def test_a_first_visit_is_light(page: Page) -> None:
    """All that comes over the wire: page, styles, face, scripts."""
    sizes: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert 10_000 < sum(sizes) < MOST_PAGE_BYTES


def faults_of(page: Page, path: str) -> list[str]:
    page.goto(path)
    found = axe_findings(page)
    if overflows(page):
        found.append("wider than the window")
    if page.evaluate("matchMedia('(pointer: coarse)').matches"):
        found += [f"too small for a thumb: {each}" for each in small_targets(page)]
    return [f"{path}: {each}" for each in found]


@pytest.mark.parametrize("window", WINDOWS)
def test_pages_for_all(opened: Callable[..., Page], window: dict[str, object]) -> None:
    page = opened(**window)
    assert [fault for path in FOR_ALL for fault in faults_of(page, path)] == []


@pytest.mark.parametrize("window", WINDOWS)
def test_pages_of_somebody_signed_in(
    opened: Callable[..., Page], somebody: NewPerson, window: dict[str, object]
) -> None:
    page, ada = opened(**window), somebody("Ada")
    sign_in(page, ada)
    assert [fault for path in [*SIGNED_IN, f"/@{ada.handle}"] for fault in faults_of(page, path)] == []


@pytest.mark.parametrize("window", WINDOWS)
def test_pages_of_operators(opened: Callable[..., Page], somebody: NewPerson, window: dict[str, object]) -> None:
    page = opened(**window)
    sign_in(page, somebody("Olu", "admin"))
    assert [fault for path in FOR_OPERATORS for fault in faults_of(page, path)] == []


@pytest.mark.parametrize("window", WINDOWS)
def test_pages_of_a_creator(opened: Callable[..., Page], somebody: NewPerson, window: dict[str, object]) -> None:
    page, ada = opened(**window), somebody("Ada")
    sign_in(page, ada)
    slug = begin_page(page, ada)
    write_post(page, slug, "For members", "Drop the sixth string.", "Members")
    post = page.url
    studio = [f"/studio/{slug}{place}" for place in ("", "/posts", "/posts/new", "/team", "/page", "/payout-account")]
    paths = [*studio, f"/c/{slug}", f"/c/{slug}?as=stranger", f"{post}?as=stranger", "/studio?all=1"]
    assert [fault for path in paths for fault in faults_of(page, path)] == []


def test_text_twice_as_large_breaks_nothing(opened: Callable[..., Page]) -> None:
    page = opened(viewport={"width": 390, "height": 844})
    for path in FOR_ALL:
        page.goto(path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert not overflows(page), path
