"""What is on air, as a part of other pages: of a creator's own, and of a fan's home. They fetch it,
so that no lower domain knows of streams."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import PathParameter

from directfanz.backends import Backends
from directfanz.domains.creators.service import lookup
from directfanz.domains.live.service import watching
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.pages import render

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]
SHOWN = 3


@get("/c/{slug:str}/live/now", include_in_schema=False)
async def of_creator(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    async with backends.database.reading() as reader:
        creator = await lookup.public_by_slug(reader, slug)
    streams = [each for each in await watching.of_page(backends, creator) if each.state != "preparing"]
    return render(request, "live/now.html", streams=streams[:SHOWN], creator=creator, more=len(streams) > SHOWN)


@get("/streams/now", include_in_schema=False, guards=[signed_in])
async def of_mine(request: Page, backends: Given[Backends], caller: Given[Caller]) -> Html:
    """At the pages that they joined or follow."""
    found = await watching.on_air_for(backends, caller.require_user())
    return render(request, "live/now_mine.html", found=found[:SHOWN], more=len(found) > SHOWN)


routes = [of_creator, of_mine]
