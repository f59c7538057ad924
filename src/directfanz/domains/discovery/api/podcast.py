"""What directories of podcasts ask of a page, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, put
from litestar.params import JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.discovery.api.asking import Slug
from directfanz.domains.discovery.models import PodcastFacts
from directfanz.domains.discovery.service import podcasting
from directfanz.http.caller import Caller, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.described import takes_body
from directfanz.http.limits import rate_limit
from directfanz.http.validation import Input

TAG = ["Discovery"]
READ, WRITE = require_scope("creators:read"), require_scope("creators:write")
PICTURES = {
    **takes_body("image/jpeg", "image/png", "image/webp", "image/gif"),
    **rate_limit("podcast-cover", per_minute=20),
}


class PodcastAsk(Input, frozen=True):
    """`category` is one of the directories' list, as "Arts" or "Arts: Design"; `email` stands in the feed for everybody."""

    category: Annotated[str, Meta(max_length=80)] = ""
    language: Annotated[str, Meta(max_length=10)] = "en"
    email: Annotated[str, Meta(max_length=254)] = ""
    explicit: bool = False


class PodcastView(msgspec.Struct, frozen=True, kw_only=True):
    category: str
    language: str
    email: str
    explicit: bool
    cover_url: str | None
    side: int | None


@get("/creators/{slug:str}/podcast", guards=[READ], tags=TAG, summary="What directories of podcasts are told of a page")
async def get_podcast(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> PodcastView:
    entered = await studio.enter(backends, caller, slug, "page")
    async with backends.database.writing() as tx:
        return _view(await podcasting.facts_of(tx, entered.creator.id))


@put(
    "/creators/{slug:str}/podcast",
    guards=[WRITE],
    tags=TAG,
    summary="Say what directories of podcasts are told of a page",
)
async def put_podcast(
    data: JSONBody[PodcastAsk], backends: Given[Backends], caller: Given[Caller], slug: Slug
) -> PodcastView:
    entered = await studio.enter(backends, caller, slug, "page")
    wanted = PodcastFacts(category=data.category, language=data.language, email=data.email, explicit=data.explicit)
    return _view(await podcasting.save(backends, caller, entered.creator.id, wanted))


@put("/creators/{slug:str}/podcast/cover", guards=[WRITE], opt=PICTURES, tags=TAG, summary="Set the cover of a podcast")
async def put_podcast_cover(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], slug: Slug
) -> PodcastView:
    """The body is the picture itself: JPEG, PNG, WebP or GIF, at most 2 MiB, at least 1,400 pixels a side. A square is cut from its
    middle and kept as a JPEG of at most 3,000."""
    entered = await studio.enter(backends, caller, slug, "page")
    await podcasting.set_cover(backends, caller, entered.creator.id, await request.body())
    async with backends.database.writing() as tx:
        return _view(await podcasting.facts_of(tx, entered.creator.id))


@delete("/creators/{slug:str}/podcast/cover", guards=[WRITE], tags=TAG, summary="Remove the cover of a podcast")
async def delete_podcast_cover(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> None:
    entered = await studio.enter(backends, caller, slug, "page")
    await podcasting.remove_cover(backends, caller, entered.creator.id)


def _view(facts: PodcastFacts) -> PodcastView:
    return PodcastView(
        category=facts.category, language=facts.language, email=facts.email, explicit=facts.explicit,
        cover_url=facts.cover_url, side=facts.side,
    )  # fmt: skip


routes = [get_podcast, put_podcast, put_podcast_cover, delete_podcast_cover]
