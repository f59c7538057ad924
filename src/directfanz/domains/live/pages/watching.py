"""What is on air, and one stream with its chat beside it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, PathParameter
from litestar.response import Redirect
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.live.errors import NotForSale
from directfanz.domains.live.service import watching
from directfanz.domains.live.service.watching import Watching
from directfanz.domains.memberships.service import tiers
from directfanz.domains.memberships.service.tiers import OpenTier
from directfanz.domains.payments.service import checkout
from directfanz.domains.payments.service.checkout import Purchase
from directfanz.errors import DirectFanzError
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.validation import Input
from directfanz.kit.ids import new_token

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]


class TicketForm(Input, frozen=True):
    """`key` is the form's: pressed twice it buys once."""

    key: Annotated[str, Meta(min_length=8, max_length=64)]


@get("/live", include_in_schema=False)
async def directory_page(request: Page, backends: Given[Backends]) -> Html:
    live, coming = await watching.directory(backends)
    return render(request, "live/directory.html", live=live, coming=coming)


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
    return render(
        request, "live/watch.html", creator=found.creator, stream=found.stream, found=found, ways=await _ways_in(backends, found),
        buy_key=new_token(16),
    )  # fmt: skip


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


routes = [directory_page, short_page, watch_page, ticket_do, reminder_do]
