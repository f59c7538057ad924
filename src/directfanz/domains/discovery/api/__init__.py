"""The feed, search, tags and what other programs read, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, put
from litestar.params import FromPath, JSONBody, QueryParameter

from directfanz.backends import Backends
from directfanz.domains.content.service.tagging import normal
from directfanz.domains.creators.service import lookup
from directfanz.domains.discovery.api import podcast
from directfanz.domains.discovery.api.asking import SEARCH, GivenSearch, Tag, cursor, match_at
from directfanz.domains.discovery.api.views import (
    CardView,
    CreatorView,
    Results,
    WishAsk,
    card_view,
    creator_view,
    result_view,
)
from directfanz.domains.discovery.models import TagCount
from directfanz.domains.discovery.service import exploring, feed, search, tags
from directfanz.http.caller import Caller, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, next_link

TAGS = {
    "Discovery": "The home feed, search and tags: what can be seen, in the order and with the reasons that pages show."
}
TAG = ["Discovery"]
READ, WRITE = require_scope("feed:read"), require_scope("feed:write")
FEED, SEARCHED, TAGGED, NEWEST = "feed", "search", "tag-posts", "open-posts"
MANY = rate_limit("search", per_minute=240)


@get("/me/feed", guards=[READ], dependencies=PAGE, tags=TAG, summary="What is new for you, and why you see it")
async def my_feed(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]
) -> Response[Paged[CardView]]:
    """Posts of the pages that you joined or follow, newest first; suggestions in between say so (`why.suggested`) and do not count."""
    position = page.position(backends, FEED, feed.Position)
    found = await feed.page(backends, caller, position, page.limit)
    following = cursor(backends, FEED, msgspec.structs.astuple(found.next) if found.next else None)
    return _paged(request, [card_view(each) for each in found.cards], page.limit, following)


@put("/me/feed/wishes/{creator_id:uuid}", status_code=204, guards=[WRITE], tags=TAG, summary="See less of a page")
async def wish(
    backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID], data: JSONBody[WishAsk]
) -> None:
    await feed.wish(backends, caller, creator_id, data.wish)


@delete("/me/feed/wishes/{creator_id:uuid}", guards=[WRITE], tags=TAG, summary="See a page as before")
async def unwish(backends: Given[Backends], caller: Given[Caller], creator_id: FromPath[UUID]) -> None:
    await feed.unwish(backends, caller, creator_id)


@get("/search", dependencies={**PAGE, **SEARCH}, opt=MANY, tags=TAG, summary="Find posts, pages and tags")
async def search_all(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk],
    asked: GivenSearch,
) -> Response[Results]:  # fmt: skip
    """Over titles, tags and teasers of all that can be seen, and over the bodies that the caller may read. First what has the words in
    its title or tags, then the rest; each newest first."""
    position = match_at(page.position(backends, SEARCHED, tuple[int, datetime, UUID]))
    found = await search.search(backends, caller, asked.q, await asked.filters(backends), position, page.limit)
    following = cursor(backends, SEARCHED, msgspec.structs.astuple(found.next) if found.next else None)
    answer = Results(
        items=[result_view(each) for each in found.results], next=following,
        creators=[creator_view(each) for each in found.creators], tags=found.tags, instead=found.instead,
    )  # fmt: skip
    return Response(answer)


@get("/search/suggestions", opt=MANY, tags=TAG, summary="What somebody may mean who is still typing")
async def suggestions(
    backends: Given[Backends], caller: Given[Caller],
    q: Annotated[str, QueryParameter(max_length=search.LONGEST_QUERY)] = "",
) -> Results:  # fmt: skip
    found = await search.suggest(backends, caller, q)
    return Results(
        items=[result_view(each) for each in found.results], next=None,
        creators=[creator_view(each) for each in found.creators], tags=found.tags, instead=None,
    )  # fmt: skip


@get("/tags", tags=TAG, summary="Tags in use, the popular ones first")
async def list_tags(
    backends: Given[Backends],
    begins: Annotated[str, QueryParameter(max_length=100, description="Only those that begin so.")] = "",
) -> list[TagCount]:
    return await (tags.beginning(backends, begins) if begins else tags.popular(backends))


@get("/tags/{tag:str}/posts", dependencies=PAGE, tags=TAG, summary="Posts with a tag, newest first")
async def tag_posts(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], tag: Tag,
    within: Annotated[str | None, QueryParameter(max_length=64, description="Only this page, by its address.")] = None,
) -> Response[Paged[CardView]]:  # fmt: skip
    position = page.position(backends, TAGGED, tuple[datetime, UUID])
    creator = await lookup.public_by_slug(backends.database, within) if within else None
    found, last = await tags.posts_of(backends, caller, normal(tag), creator, position, page.limit)
    return _paged(request, [card_view(each) for each in found], page.limit, cursor(backends, TAGGED, last))


@get("/posts", dependencies=PAGE, tags=TAG, summary="What is new and open to all")
async def open_posts(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk]
) -> Response[Paged[CardView]]:
    position = page.position(backends, NEWEST, tuple[datetime, UUID])
    found, last = await tags.newest_open(backends, caller, position, page.limit)
    return _paged(request, [card_view(each) for each in found], page.limit, cursor(backends, NEWEST, last))


@get("/popular-creators", tags=TAG, summary="Pages that many came to lately")
async def popular_creators(backends: Given[Backends], caller: Given[Caller]) -> list[CreatorView]:
    return [creator_view(each) for each in await exploring.popular_pages(backends, caller)]


def _paged(
    request: Request[Any, Any, Any], items: list[CardView], limit: int, following: str | None
) -> Response[Paged[CardView]]:
    headers = {"Link": next_link(request.scope["path"], limit, following)} if following else {}
    return Response(Paged(items, following), headers=headers)


routes = [
    my_feed, wish, unwish, search_all, suggestions, list_tags, tag_posts, open_posts, popular_creators,
    *podcast.routes,
]  # fmt: skip
