"""What is on air, and one stream with its chat beside it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, PathParameter
from litestar.response import Redirect
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import lookup
from directfanz.domains.live.errors import NotForSale
from directfanz.domains.live.service import clipping, hosting, replaying, rules, watching
from directfanz.domains.live.service.watching import Watching
from directfanz.domains.memberships.service import tiers
from directfanz.domains.memberships.service.tiers import OpenTier
from directfanz.domains.payments.service import checkout
from directfanz.domains.payments.service import goals as collecting
from directfanz.domains.payments.service.checkout import Purchase
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import read_form
from directfanz.http.grants import set_grant
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.validation import Input
from directfanz.kit.ids import new_token
from directfanz.kit.time import rfc3339

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]


# For pages of others, to be copied.
FRAME = '<iframe src="{site}/embed/live/{id}" width="640" height="360" allow="autoplay; fullscreen" style="border:0"></iframe>'


class TicketForm(Input, frozen=True):
    """`key` is the form's: pressed twice it buys once."""

    key: Annotated[str, Meta(min_length=8, max_length=64)]


@get("/live", include_in_schema=False)
async def directory_page(request: Page, backends: Given[Backends]) -> Html:
    live, coming = await watching.directory(backends)
    return render(request, "live/directory.html", live=live, coming=coming)


@get("/c/{slug:str}/live", include_in_schema=False)
async def of_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    """What a page has on air and to come, also as a guest of others."""
    async with backends.database.reading() as reader:
        creator = await lookup.public_by_slug(reader, slug)
    return render(request, "live/page.html", creator=creator, streams=await watching.of_page(backends, creator))


@get("/streams/{stream_id:uuid}", include_in_schema=False)
async def short_page(backends: Given[Backends], caller: Given[Caller], stream_id: FromPath[UUID]) -> Html:
    found = await watching.find(backends, caller, stream_id)
    return Redirect(f"{found.creator.path}/live/{stream_id}", status_code=302)


@get("/c/{slug:str}/live/{stream_id:uuid}", include_in_schema=False)
async def watch_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    found = await watching.find(backends, caller, stream_id)
    if found.creator.slug != slug:
        return Redirect(f"{found.creator.path}/live/{stream_id}", status_code=301)
    replay = await replaying.find(backends, caller, stream_id) if found.stream.state == "ended" else None
    async with backends.database.reading() as reader:
        hosts = await hosting.of_stream(reader, stream_id)
        goals = await collecting.of_creator(backends, reader, found.creator.id)
        allowed = await rules.of_page(reader, found.creator.id)
    clips = await clipping.of_stream(backends, caller, stream_id) if found.open else []
    stream, role = found.stream, found.role
    answer = render(
        request, "live/watch.html", creator=found.creator, stream=stream, found=found, replay=replay, hosts=hosts,
        ways=await _ways_in(backends, found), buy_key=new_token(16), goal=goals[0] if goals else None,
        began=rfc3339(stream.began_at) if stream.began_at else "", clips=[each for each in clips if each.state == "ready"],
        may_clip=bool(caller.user_id) and (role or allowed.clips != "team"),
        frame=FRAME.format(site=backends.settings.site_url, id=stream.id),
        embeds=allowed.embeds != "nowhere" and stream.access == "public",
    )  # fmt: skip
    if replay is not None and replay.grant is not None:
        set_grant(backends, answer, replay.grant.cookies, replay.grant.cookie_path)
    return answer


@post("/c/{slug:str}/live/{stream_id:uuid}/ticket", include_in_schema=False, status_code=200, guards=[signed_in],
      opt=rate_limit("buy", per_minute=20))  # fmt: skip
async def ticket_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    found, form = await watching.find(backends, caller, stream_id), await read_form(request, TicketForm)
    try:
        return Redirect((await _buy(backends, caller, found, form.data.key)), status_code=303)
    except DirectFanzError as error:
        return see_other(request, f"{found.creator.path}/live/{stream_id}", error.message, "problem")


@post("/c/{slug:str}/live/{stream_id:uuid}/reminder", include_in_schema=False, status_code=200, guards=[signed_in])
async def reminder_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, stream_id: FromPath[UUID]
) -> Html:
    found = await watching.find(backends, caller, stream_id)
    await watching.set_reminder(backends, caller, stream_id, wanted=not found.reminded)
    words = "We tell you when it begins." if not found.reminded else "You are not told of it."
    return see_other(request, f"{found.creator.path}/live/{stream_id}", words)


async def _buy(backends: Backends, caller: Caller, found: Watching, key: str) -> str:
    stream = found.stream
    if stream.access != "paid" or stream.cost is None or stream.state == "ended":
        raise NotForSale("There are no tickets for this stream.")
    wanted = Purchase(
        creator_id=stream.creator_id,
        object_kind="stream",
        object_id=stream.id,
        title=f"Ticket: {stream.title}",
        price=stream.cost,
    )
    return (await checkout.purchase(backends, caller, wanted, key)).url


async def _ways_in(backends: Backends, found: Watching) -> list[OpenTier]:
    """The tiers that open it, for who may not see it yet."""
    if found.open or found.stream.access not in ("members", "rank"):
        return []
    async with backends.database.writing() as tx:
        offered = await tiers.open_tiers(tx, found.creator.id)
    return [each for each in offered if each.tier.rank >= (found.stream.min_rank or 0)]


routes = [directory_page, of_page, short_page, watch_page, ticket_do, reminder_do]
