"""Streams and clips outside their own page: in a frame of another site, and a clip by its address."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, PathParameter
from litestar.response import Redirect

from directfanz.backends import Backends
from directfanz.domains.live.service import clipping, rules, watching
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.grants import set_grant
from directfanz.http.headers import frame_policy
from directfanz.http.pages import render
from directfanz.kit.time import rfc3339

Page = Request[Any, Any, Any]
Html = Response[Any]
STRANGER = Caller()
Slug = Annotated[str, PathParameter(max_length=64)]


@get("/embed/live/{stream_id:uuid}", include_in_schema=False)
async def embedded_page(request: Page, backends: Given[Backends], stream_id: FromPath[UUID]) -> Html:
    """As a stranger sees it, whoever looks: a browser tells a frame of another site nobody's name. Where it may stand, its creator says."""
    found = await watching.find(backends, STRANGER, stream_id)
    async with backends.database.reading() as reader:
        allowed = await rules.of_page(reader, found.creator.id)
    began = rfc3339(found.stream.began_at) if found.stream.began_at else ""
    answer = render(request, "live/embed.html", creator=found.creator, stream=found.stream, found=found, began=began)
    answer.headers["Content-Security-Policy"] = frame_policy(rules.frame_ancestors(allowed))
    return answer


@get("/c/{slug:str}/clips/{clip_id:uuid}", include_in_schema=False)
async def clip_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, clip_id: FromPath[UUID]
) -> Html:
    clip, found = await clipping.find(backends, caller, clip_id)
    if found.creator.slug != slug:
        return Redirect(f"{found.creator.path}/clips/{clip_id}", status_code=301)
    playback, grant = None, None
    if found.open and clip.state == "ready":
        playback, grant = await clipping.play(backends, caller, clip_id)
    answer = render(
        request, "live/clip.html", clip=clip, creator=found.creator, stream=found.stream, found=found, playback=playback
    )
    if grant is not None:
        set_grant(backends, answer, grant.cookies, grant.cookie_path)
    return answer


routes = [embedded_page, clip_page]
