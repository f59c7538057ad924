"""The studio's first page, the posts of a page, and the place where they are written."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.params import FromPath, FromQuery

from directfanz.backends import Backends
from directfanz.domains.content.models import Stage
from directfanz.domains.content.pages.asking import Html, Page, Slug
from directfanz.domains.content.service import planning, showing, writing
from directfanz.domains.content.service.today import today
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import Studio
from directfanz.errors import DirectFanzError
from directfanz.http.arrival import arrival_of
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form
from directfanz.http.pages import render, see_other
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.http.refusals import refuse
from directfanz.kit.paging import page_of

LISTING = "studio-posts"
TABS: dict[str, Stage | None] = {
    "": None, "published": "visible", "scheduled": "scheduled", "drafts": "draft", "removed": "removed",
}  # fmt: skip


@get("/studio/{slug:str}", guards=[signed_in])
async def today_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug)
    found = await today(backends, caller, entered)
    steps = [step._asdict() for step in found.steps]
    needs = [need._asdict() for need in found.needs]
    return render(request, "content/today.html", studio=entered, today=found._asdict(), steps=steps, needs=needs)


@get("/studio/{slug:str}/posts", guards=[signed_in], dependencies=PAGE)
async def posts_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug,
    show: FromQuery[str] = "",
) -> Html:  # fmt: skip
    entered = await studio.enter(backends, caller, slug, "posts")
    position = page.position(backends, LISTING, tuple[datetime, UUID])
    found = await writing.list_for_team(backends, caller, entered.creator.id, TABS.get(show), position, page.limit + 1)
    shown = page_of(found, page.limit, cursor_key(backends), LISTING, lambda each: (each.updated_at, each.id))
    query = f"&show={show}" if TABS.get(show) else ""
    more = f"{entered.home}/posts?cursor={shown.next}{query}" if shown.next else None
    offered = await showing.tiers_of(backends, entered.creator)
    return render(
        request, "content/posts.html", studio=entered, posts=shown.items, next_href=more, chosen=show,
        tier_names={each.tier.rank: each.tier.name for each in offered}, now_is=backends.clock.now(),
        counts=await writing.counts(backends, caller, entered.creator.id),
    )  # fmt: skip


@post("/studio/{slug:str}/posts/{post_id:uuid}/publish", status_code=200, guards=[signed_in])
async def publish_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, writing.publish(backends, caller, post_id), "Published.")


@post("/studio/{slug:str}/posts/{post_id:uuid}/take-down", status_code=200, guards=[signed_in])
async def take_down_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, writing.take_down(backends, caller, post_id), "It is a draft again.")


@post("/studio/{slug:str}/posts/{post_id:uuid}/remove", status_code=200, guards=[signed_in])
async def remove_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    words = "Removed. For thirty days you find it under Removed and can fetch it back."
    return await _then(request, entered, writing.remove(backends, caller, post_id), words)


@post("/studio/{slug:str}/posts/{post_id:uuid}/fetch-back", status_code=200, guards=[signed_in])
async def fetch_back_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, writing.fetch_back(backends, caller, post_id), "It is back, as a draft.")


@post("/studio/{slug:str}/posts/{post_id:uuid}/pin", status_code=200, guards=[signed_in])
async def pin_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, writing.pin(backends, caller, post_id, True), "Pinned to the top of the page.")


@post("/studio/{slug:str}/posts/{post_id:uuid}/unpin", status_code=200, guards=[signed_in])
async def unpin_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, post_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await _then(request, entered, writing.pin(backends, caller, post_id, False), "No longer pinned.")


@get("/studio/{slug:str}/calendar", guards=[signed_in])
async def calendar_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, month: FromQuery[str] = ""
) -> Html:
    """A month of what was and will be seen, by the days of the reader's zone."""
    entered = await studio.enter(backends, caller, slug, "posts")
    zone = arrival_of(request).zone or ZoneInfo("UTC")
    found = await planning.month(backends, caller, entered.creator.id, month, zone)
    return render(request, "content/calendar.html", studio=entered, month=found)


async def _then(request: Page, entered: Studio, doing: Awaitable[Any], words: str) -> Html:
    try:
        await doing
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, f"{entered.home}/posts", form.problem or error.message, "problem")
    return see_other(request, f"{entered.home}/posts", words)


routes = [
    today_page, posts_page, calendar_page, publish_do, take_down_do, remove_do, fetch_back_do, pin_do, unpin_do,
]  # fmt: skip
