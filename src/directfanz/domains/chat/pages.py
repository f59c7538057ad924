"""A chat by itself: for a second window, a phone beside a television, or a dock of the broadcasting program."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, PathParameter
from litestar.response import Redirect
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.chat.service import emotes, entering, reading, tipping
from directfanz.domains.creators.service import lookup, studio
from directfanz.domains.memberships.service import tiers
from directfanz.errors import DirectFanzError
from directfanz.http.amounts import amount_typed
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import local_path, render, see_other
from directfanz.http.validation import Input

Slug = Annotated[str, PathParameter(max_length=64)]


class TipForm(Input, frozen=True):
    """`key` is the form's: pressed twice it is given once. `back`: the page it was pressed on."""

    amount: Annotated[str, Meta(max_length=20)]
    key: Annotated[str, Meta(min_length=8, max_length=64)]
    message: Annotated[str, Meta(max_length=200)] = ""
    back: Annotated[str, Meta(max_length=300)] = "/"


@get("/chats/{room_id:uuid}", include_in_schema=False)
async def chat_page(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], room_id: FromPath[UUID]
) -> Response[str]:
    entry = await entering.enter(backends, caller.user_id, room_id)
    return render(request, "chat/room.html", room=entry.room)


@get("/studio/{slug:str}/emotes", include_in_schema=False, guards=[signed_in])
async def emotes_page(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], slug: Slug
) -> Response[str]:
    entered = await studio.enter(backends, caller, slug, "page")
    async with backends.database.writing() as tx:
        offered = await tiers.open_tiers(tx, entered.creator.id)
    ranks = [("", "everybody"), *((each.tier.rank, each.tier.name) for each in offered)]
    found = await emotes.of_page(backends, entered.creator.id)
    return render(request, "chat/emotes.html", studio=entered, emotes=found, ranks=ranks)


@post("/studio/{slug:str}/emotes/{code:str}/remove", include_in_schema=False, status_code=200, guards=[signed_in])
async def emote_remove_do(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], slug: Slug, code: Slug
) -> Response[Any]:
    entered = await studio.enter(backends, caller, slug, "page")
    await emotes.remove(backends, caller, entered.creator.id, code)
    return see_other(request, f"{entered.home}/emotes", f":{code}: is gone.")


@post(
    "/chats/{room_id:uuid}/tip",
    include_in_schema=False,
    status_code=200,
    guards=[signed_in],
    opt=rate_limit("checkout", per_minute=20),
)
async def tip_do(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], room_id: FromPath[UUID]
) -> Response[Any]:
    """Two taps from the stream to where one pays."""
    form = (await read_form(request, TipForm)).data
    room = await reading.room(backends, room_id)
    async with backends.database.reading() as reader:
        creator = await lookup.by_id_even_closed(reader, room.creator_id)
    try:
        amount = amount_typed(form.amount, creator.currency)
        return Redirect(await tipping.give(backends, caller, room_id, amount, form.message, form.key), status_code=303)
    except DirectFanzError as error:
        return see_other(request, local_path(form.back), error.message, "problem")


routes = [chat_page, tip_do, emotes_page, emote_remove_do]
