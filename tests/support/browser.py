"""What journeys do in a browser, in the words of the person who does it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, ConsoleMessage, Page, expect

from tests.support.house import PASSWORD

EXECUTABLE = "/usr/bin/chromium"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# An answer that says no is part of many stories; the console tells of it all the same.
_EXPECTED = re.compile(
    r"Failed to load resource: the server responded with a status of 4\d\d|\[DOM\]|WebSocket connection to .* 50\d"
)


@dataclass(frozen=True)
class Person:
    name: str
    handle: str
    email: str
    password: str = PASSWORD


def quiet(page: Page, complaints: list[str]) -> None:
    """Scripts that fail and things that the content security policy stops end up in `complaints`."""

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.search(message.text):
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))


def sign_in(page: Page, person: Person) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name=f"Hello, {person.name}")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Your account").click()
    page.locator("#account-menu").get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def fill_sign_up(page: Page, person: Person) -> None:
    page.get_by_label("Your name").fill(person.name)
    page.get_by_label("Handle").fill(person.handle)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)


def give_authenticator(page: Page) -> CDPSession:
    """A device that makes passkeys and knows its owner, built into the browser for this page."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def axe_findings(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA. Sizes of targets have their own check: the bar at the bottom confuses axe's."""
    page.evaluate(AXE.read_text())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": rules, "rules": {"target-size": {"enabled": False}}, "resultTypes": ["violations"]}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{each['id']}: {node['html'][:160]}: {(node['any'] or node['all'] or node['none'] or [{}])[0].get('message')}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, summary")].filter(element => {
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const apart = box.width && style.display !== "inline" && !element.closest(".visually-hidden, label, .skip-link, [popover]");
  return apart && box.height < 43.5;
}).map(element => element.outerHTML.slice(0, 120))"""


def small_targets(page: Page) -> list[str]:
    """On a touch screen: what a thumb would miss. Links within a sentence are as high as its lines."""
    found: list[str] = page.evaluate(SMALL_TARGETS)
    return found


def overflows(page: Page) -> bool:
    """Whether the page is wider than the window."""
    wider: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wider
