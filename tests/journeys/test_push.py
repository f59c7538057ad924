"""What arrives while no page is open is shown by the service worker."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPerson
from tests.support.browser import sign_in
from tests.support.house import House

PATIENCE_SECONDS = 60


def until(happens: Callable[[], Any]) -> Any:
    for _ in range(PATIENCE_SECONDS * 4):
        if found := happens():
            return found
        time.sleep(0.25)
    raise AssertionError("it did not happen")


def test_the_service_worker_shows_what_arrives(house: House, opened: Callable[..., Page], somebody: NewPerson) -> None:
    """What the push service would hand to the browser is handed to it here; the worker is the real one."""
    ben, page = somebody("Ben"), opened()
    page.context.grant_permissions(["notifications"])
    sign_in(page, ben)
    page.goto("/settings/notifications")
    expect(page.get_by_role("button", name="Tell me in this browser")).to_be_visible()
    cdp = page.context.new_cdp_session(page)
    seen: list[Any] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda event: seen.extend(event["registrations"]))
    cdp.send("ServiceWorker.enable")
    page.evaluate(
        "navigator.serviceWorker.register('/push-worker.js', {scope: '/'}).then(() => navigator.serviceWorker.ready)"
    )
    page.wait_for_function("() => navigator.serviceWorker.getRegistration('/').then((found) => !!found?.active)")

    def known() -> str | None:
        page.wait_for_timeout(100)  # the browser tells while its loop runs
        return next((str(each["registrationId"]) for each in seen), None)

    registration = until(known)
    data = {"title": "Ada: Ink", "body": "Blue.", "href": "/notifications", "tag": "one"}
    for _ in range(2):  # the same again takes its own place
        cdp.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": house.site_url, "registrationId": registration, "data": json.dumps(data)},
        )
    shown = "() => navigator.serviceWorker.getRegistration('/').then((it) => it.getNotifications())"
    page.wait_for_function(f"{shown.removesuffix(')')}.then((all) => all.length === 1))")
    assert (
        page.evaluate(f"{shown.removesuffix(')')}.then((all) => all[0].title + all[0].body + all[0].data))")
        == "Ada: InkBlue./notifications"
    )
