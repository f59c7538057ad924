"""The home feed, the page of what is going on, and the pages of tags."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.content.service.tagging import normal
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.discovery.api import FEED, NEWEST, TAGGED
from directfanz.domains.discovery.api.asking import Slug, Tag, cursor
from directfanz.domains.discovery.models import Wish
from directfanz.domains.discovery.service import exploring, feed, tags
from directfanz.errors import NotFound
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import read_form
from directfanz.http.pages import local_path, render, see_other
from directfanz.http.paging import PAGE, PageAsk
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]


class WishForm(Input, frozen=True):
    wish: Wish = "less"
    back: Annotated[str, Meta(max_length=500)] = "/"


class BackForm(Input, frozen=True):
    back: Annotated[str, Meta(max_length=500)] = "/"


async def home(request: Page, backends: Backends, caller: Caller, page: PageAsk, **aside: Any) -> Html:
    """Mounted at `/` by the web process, which shows strangers its landing page there."""
    position = page.position(backends, FEED, feed.Position)
    found = await feed.page(backends, caller, position, page.limit)
    following = cursor(backends, FEED, msgspec.structs.astuple(found.next) if found.next else None)
    return render(
        request, "discovery/home.html", cards=found.cards, has_sources=found.has_sources, first=position is None,
        next_href=f"/?cursor={following}" if following else None, **aside,
    )  # fmt: skip


@post("/feed/{creator_id:uuid}/wish", status_code=200, guards=[signed_in])
async def wish_do(request: Page, backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID]) -> Html:
    asked = (await read_form(request, WishForm)).data
    await feed.wish(backends, caller, creator_id, asked.wish)
    creator = await lookup.by_id(backends.database, creator_id)
    words = (
        f"Nothing more of {creator.name} here."
        if asked.wish == "mute"
        else f"{creator.name} is not suggested to you any more."
    )
    return see_other(request, local_path(asked.back), f"{words} You can take it back on their page.")


@post("/feed/{creator_id:uuid}/unwish", status_code=200, guards=[signed_in])
async def unwish_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID]
) -> Html:
    asked = (await read_form(request, BackForm)).data
    await feed.unwish(backends, caller, creator_id)
    return see_other(request, local_path(asked.back), "As before.")


@get("/explore", dependencies=PAGE)
async def explore_page(request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]) -> Html:
    position = page.position(backends, NEWEST, tuple[datetime, UUID])
    found, last = await tags.newest_open(backends, caller, position, page.limit)
    following = cursor(backends, NEWEST, last)
    return render(
        request, "discovery/explore.html", cards=found, creators=await exploring.popular_pages(backends, caller),
        tags=await tags.popular(backends), next_href=f"/explore?cursor={following}" if following else None,
    )  # fmt: skip


@get("/tags/{tag:str}", dependencies=PAGE)
async def tag_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], tag: Tag
) -> Html:
    return await _tag(request, backends, caller, page, tag, None)


@get("/c/{slug:str}/tags/{tag:str}", dependencies=PAGE)
async def creator_tag_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], slug: Slug, tag: Tag
) -> Html:
    return await _tag(request, backends, caller, page, tag, await lookup.public_by_slug(backends.database, slug))


async def _tag(
    request: Page, backends: Backends, caller: Caller, page: PageAsk, tag: str, creator: Creator | None
) -> Html:
    wanted = normal(tag)
    if not wanted:
        raise NotFound("There is no such tag.")
    here = f"{creator.path}/tags/{wanted}" if creator else f"/tags/{wanted}"
    if wanted != tag:
        return Redirect(here, status_code=301)
    position = page.position(backends, TAGGED, tuple[datetime, UUID])
    found, last = await tags.posts_of(backends, caller, wanted, creator, position, page.limit)
    following = cursor(backends, TAGGED, last)
    others = await (tags.of_creator(backends, creator) if creator else tags.popular(backends))
    return render(
        request, "discovery/tag.html", tag=wanted, creator=creator, cards=found, tags=others, here=here,
        next_href=f"{here}?cursor={following}" if following else None,
    )  # fmt: skip


routes = [wish_do, unwish_do, explore_page, tag_page, creator_tag_page]
