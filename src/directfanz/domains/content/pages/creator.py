"""A creator's public page: who they are, what membership brings, what they publish."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.content.models import Reading
from directfanz.domains.content.pages.asking import Html, Page, Slug
from directfanz.domains.content.service import collecting, covers, reading, showing
from directfanz.domains.content.service.words import as_html
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import following, lookup
from directfanz.domains.memberships.service.tiers import OpenTier
from directfanz.domains.payments.service import goals
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.pages import render
from directfanz.http.paging import PAGE, PageAsk, cursor_key
from directfanz.kit.paging import page_of

LISTING = "creator-posts"
SHOWN = 10
Eyes = Annotated[str, QueryParameter(name="as", max_length=30)]


@get("/c/{slug:str}", dependencies=PAGE)
async def creator_page(
    request: Page,
    backends: Given[Backends],
    caller: Given[Caller],
    page: Given[PageAsk],
    slug: Slug,
    eyes: Eyes = "",
    kind: FromQuery[Literal["post", "release"] | None] = None,
) -> Html:
    """An address of before leads to today's for good."""
    creator, role = await showing.find(backends, caller, slug)
    if creator.slug != slug:
        return Redirect(creator.path, status_code=301)
    offered = await showing.tiers_of(backends, creator)
    viewer = await showing.viewer_of(backends, caller, creator, role, offered, eyes)
    if role is None and viewer.membership is None:
        await showing.require_together(backends, caller, creator)
    position = page.position(backends, LISTING, tuple[datetime, UUID])
    found = await reading.newest(backends, caller, creator, position, SHOWN + 1, kind)
    pinned = await reading.pinned(backends, caller, creator) if position is None else []
    up = {each.post.id for each in pinned}
    shown = page_of(found, SHOWN, cursor_key(backends), LISTING, _place)
    posts = [showing.seen_by(viewer, each) for each in shown.items if kind or each.post.id not in up]
    up_there = [showing.seen_by(viewer, each) for each in pinned]
    seen = await covers.of_readings(backends, [*up_there, *posts])
    return render(
        request, "content/creator.html", covers={str(post_id): cover for post_id, cover in seen.items()}, kind=kind or "", pinned=up_there,
        series=[each for each in await collecting.of_page(backends, caller, creator) if each.published],
        releases=await reading.has_releases(backends, creator.id), creator=creator, viewer=viewer, posts=posts, tiers=offered,
        eyes=eyes_for(offered) if role else [], about=as_html(creator.about), next_href=_more(creator, viewer, shown.next, kind),
        post_count=await reading.visible_count(backends, creator.id), **await _around(backends, creator),
    )  # fmt: skip


def eyes_for(offered: list[OpenTier]) -> list[tuple[str, str]]:
    """With whose eyes a team may look."""
    members = [(f"{showing.TIER}{each.tier.rank}", f"A member of {each.tier.name}") for each in offered]
    return [("", "You, the team"), ("stranger", "A stranger"), ("follower", "A follower"), *members]


async def _around(backends: Backends, creator: Creator) -> dict[str, Any]:
    async with backends.database.reading() as reader:
        return {
            "links": await lookup.links_of(reader, creator.id),
            "followers": await following.count(reader, creator.id),
            "goals": await goals.of_creator(backends, reader, creator.id),
        }


def _more(creator: Creator, viewer: showing.Viewer, cursor: str | None, kind: str | None) -> str | None:
    if cursor is None:
        return None
    more = {"cursor": cursor, "as": viewer.previews, "kind": kind}
    return f"{creator.path}?{urlencode({name: value for name, value in more.items() if value})}"


def _place(found: Reading) -> tuple[object, ...]:
    return (found.post.publish_at, found.post.id)


routes = [creator_page]
