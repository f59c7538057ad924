"""Posts as a program makes them, for journeys whose story begins later."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.house import House


def published(page: Page, house: House, slug: str, **wanted: object) -> str:
    """Its path. `page` is signed in as somebody of the page's team."""
    here = {"Origin": house.site_url}
    made = page.request.post(f"/api/v1/creators/{slug}/posts", data=wanted, headers=here)
    assert made.ok, made.text()
    post_id = made.json()["id"]
    done = page.request.post(f"/api/v1/posts/{post_id}/publish", data={}, headers=here)
    assert done.ok, done.text()
    return f"/c/{slug}/posts/{post_id}"
