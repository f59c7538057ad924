"""Chat over HTTP: all that a page does, and history. What is new arrives over the WebSocket (`docs/reference/realtime.md`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.chat.models import LONGEST_NONCE, MOST_WORDS, Ban, Emote, Event, Poll, Tally
from directfanz.domains.chat.service import emotes, entering, moderating, polling, reading, speaking
from directfanz.domains.chat.service.entering import Entry
from directfanz.domains.creators.service import lookup, studio
from directfanz.http.caller import Caller, require_scope
from directfanz.http.dependencies import Given
from directfanz.http.described import takes_body
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

TAGS = {"Chat": "Rooms where people speak while something goes on, and what was said in them."}
TAG = ["Chat"]
WRITE = require_scope("chat:write")
MODERATE = require_scope("chat:moderate")
SAYING = rate_limit("chat-say", per_minute=60)
LISTING = "chat"
Room = FromPath[UUID]
EMOTES = {**takes_body("image/jpeg", "image/png", "image/webp", "image/gif"), **rate_limit("emotes", per_minute=30)}
Code = Annotated[str, PathParameter(max_length=24, description="Small letters, digits and _.")]
Slug = Annotated[str, PathParameter(max_length=64, description="The address of the page, of today or of before.")]


class Say(Input, frozen=True, kw_only=True):
    body: Annotated[str, Meta(max_length=2000)]
    nonce: Annotated[str, Meta(min_length=1, max_length=LONGEST_NONCE, description="The same said twice is said once.")]


class Said(msgspec.Struct, frozen=True):
    position: int


class Rules(Input, frozen=True, kw_only=True):
    slow_seconds: Annotated[int, Meta(ge=0, le=3600)] = 0
    members_only: bool = False


class Pin(Input, frozen=True, kw_only=True):
    position: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None


class BanAsk(Input, frozen=True, kw_only=True):
    """Without `seconds` until somebody lifts it."""

    user_id: UUID
    seconds: Annotated[int, Meta(ge=1, le=30 * 86_400)] | None = None
    reason: Annotated[str, Meta(max_length=300)] = ""
    purge: Annotated[bool, Meta(description="Also take away what they said in this room.")] = False


class Words(Input, frozen=True, kw_only=True):
    words: Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=MOST_WORDS)]


class PollAsk(Input, frozen=True, kw_only=True):
    question: Annotated[str, Meta(max_length=400)]
    options: Annotated[list[Annotated[str, Meta(max_length=160)]], Meta(min_length=2, max_length=8)]
    seconds: Annotated[int, Meta(ge=10, le=86_400)] = 120


class Vote(Input, frozen=True, kw_only=True):
    option: Annotated[int, Meta(ge=0, le=7)]


@get("/chats/{room_id:uuid}", tags=TAG, summary="A chat room as you find it")
async def get_chat(backends: Given[Backends], caller: Given[Caller], room_id: Room) -> Entry:
    return await entering.enter(backends, caller.user_id, room_id)


@get("/chats/{room_id:uuid}/events", dependencies=PAGE, tags=TAG, summary="What happened in a room, the newest first")
async def list_chat_events(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], page: Given[PageAsk], room_id: Room
) -> Response[Paged[Event]]:  # fmt: skip
    position = page.position(backends, LISTING, tuple[int])
    found = await reading.newest(backends, caller, room_id, position[0] if position else None, page.limit + 1)
    return paged(request, backends, LISTING, found, page.limit, lambda row: (row.position,))


@get("/chats/{room_id:uuid}/replay", tags=TAG, summary="What happened in a stretch of time, for beside a recording")
async def replay_chat(
    backends: Given[Backends], caller: Given[Caller], room_id: Room, since: FromQuery[datetime], until: FromQuery[datetime],
    after: FromQuery[int] = 0,
) -> list[Event]:  # fmt: skip
    """In order, at most 500; ask again `after` the last position. A stretch is at most an hour."""
    return await reading.stretch(backends, caller, room_id, since, until, after)


@post("/chats/{room_id:uuid}/messages", guards=[WRITE], opt=SAYING, tags=TAG, summary="Say something")
async def say_in_chat(backends: Given[Backends], caller: Given[Caller], room_id: Room, data: JSONBody[Say]) -> Said:
    return Said(await speaking.say(backends, caller, room_id, data.body, data.nonce))


@delete("/chats/{room_id:uuid}/messages/{position:int}", guards=[WRITE], tags=TAG, summary="Remove a message")
async def remove_message(
    backends: Given[Backends], caller: Given[Caller], room_id: Room, position: FromPath[int]
) -> None:
    """Your own, or as a moderator any."""
    await moderating.remove(backends, caller, room_id, position)


@put(
    "/chats/{room_id:uuid}/pin",
    status_code=204,
    guards=[MODERATE],
    tags=TAG,
    summary="Pin a message, or take the pin away",
)
async def pin_message(backends: Given[Backends], caller: Given[Caller], room_id: Room, data: JSONBody[Pin]) -> None:
    await moderating.pin(backends, caller, room_id, data.position)


@put("/chats/{room_id:uuid}/rules", status_code=204, guards=[MODERATE], tags=TAG, summary="Slow mode, and members only")
async def set_chat_rules(
    backends: Given[Backends], caller: Given[Caller], room_id: Room, data: JSONBody[Rules]
) -> None:
    await moderating.set_rules(backends, caller, room_id, data.slow_seconds, data.members_only)


@post("/chats/{room_id:uuid}/bans", status_code=204, guards=[MODERATE], tags=TAG, summary="A timeout or a ban")
async def ban_from_chat(
    backends: Given[Backends], caller: Given[Caller], room_id: Room, data: JSONBody[BanAsk]
) -> None:
    """It holds in all rooms of the creator."""
    lasts = timedelta(seconds=data.seconds) if data.seconds else None
    await moderating.ban(
        backends, caller, room_id, data.user_id, lasts=lasts, reason=data.reason, purge=data.purge
    )  # fmt: skip


@get("/creators/{slug:str}/chat-bans", guards=[MODERATE], tags=TAG, summary="Who may not speak with a creator")
async def list_chat_bans(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[Ban]:
    entered = await studio.enter(backends, caller, slug, "moderate")
    return await moderating.banned(backends, caller, entered.creator.id)


@delete("/creators/{slug:str}/chat-bans/{user_id:uuid}", guards=[MODERATE], tags=TAG, summary="Lift a timeout or ban")
async def lift_chat_ban(backends: Given[Backends], caller: Given[Caller], slug: Slug, user_id: FromPath[UUID]) -> None:
    entered = await studio.enter(backends, caller, slug, "moderate")
    await moderating.lift(backends, caller, entered.creator.id, user_id)


@get("/creators/{slug:str}/chat-words", guards=[MODERATE], tags=TAG, summary="Words that are not welcome")
async def get_chat_words(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[str]:
    entered = await studio.enter(backends, caller, slug, "moderate")
    return await moderating.words(backends, caller, entered.creator.id)


@put("/creators/{slug:str}/chat-words", guards=[MODERATE], tags=TAG, summary="Say which words are not welcome")
async def put_chat_words(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[Words]
) -> list[str]:
    """Found as whole words, also disguised. The answer is the list as it is compared."""
    entered = await studio.enter(backends, caller, slug, "moderate")
    return await moderating.set_words(backends, caller, entered.creator.id, data.words)


@get("/chats/{room_id:uuid}/polls", tags=TAG, summary="The polls of a room, the newest first")
async def list_polls(backends: Given[Backends], caller: Given[Caller], room_id: Room) -> list[Tally]:
    return await polling.of_room(backends, caller, room_id)


@post("/chats/{room_id:uuid}/polls", guards=[MODERATE], tags=TAG, summary="Ask something")
async def ask_poll(backends: Given[Backends], caller: Given[Caller], room_id: Room, data: JSONBody[PollAsk]) -> Poll:
    """One poll of a room is open at a time."""
    lasts = timedelta(seconds=data.seconds)
    return await polling.ask(backends, caller, room_id, data.question, data.options, lasts)


@post("/polls/{poll_id:uuid}/vote", status_code=200, guards=[WRITE], tags=TAG, summary="Vote, once")
async def vote_in_poll(
    backends: Given[Backends], caller: Given[Caller], poll_id: FromPath[UUID], data: JSONBody[Vote]
) -> Tally:
    return await polling.vote(backends, caller, poll_id, data.option)


@post("/polls/{poll_id:uuid}/end", status_code=200, guards=[MODERATE], tags=TAG, summary="End a poll before its time")
async def end_poll(backends: Given[Backends], caller: Given[Caller], poll_id: FromPath[UUID]) -> Tally:
    return await polling.end(backends, caller, poll_id)


class EmoteView(msgspec.Struct, frozen=True, kw_only=True):
    """`:code:` in a message shows it. Without `min_rank` for everybody who speaks."""

    code: str
    address: str
    min_rank: int | None


def emote_of(found: Emote) -> EmoteView:
    return EmoteView(code=found.code, address=found.url, min_rank=found.min_rank)


@get("/creators/{slug:str}/emotes", tags=TAG, summary="The emotes of a page")
async def list_emotes(backends: Given[Backends], slug: Slug) -> list[EmoteView]:
    async with backends.database.reading() as reader:
        creator = await lookup.public_by_slug(reader, slug)
    return [emote_of(each) for each in await emotes.of_page(backends, creator.id)]


@get("/chats/{room_id:uuid}/emotes", tags=TAG, summary="The emotes that you may write in a room")
async def list_usable_emotes(backends: Given[Backends], caller: Given[Caller], room_id: Room) -> list[EmoteView]:
    entry = await entering.enter(backends, caller.user_id, room_id)
    is_team = entry.standing == "team"
    found = await emotes.usable(backends, caller.user_id, entry.room.creator_id, is_team=is_team)
    return [emote_of(each) for each in found]


@put("/creators/{slug:str}/emotes/{code:str}", guards=[MODERATE], opt=EMOTES, tags=TAG, summary="Set an emote")
async def put_emote(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], slug: Slug, code: Code,
    min_rank: FromQuery[int | None] = None,
) -> EmoteView:  # fmt: skip
    """The body is the picture itself: JPEG, PNG, WebP or GIF, at most 512 KiB. It is drawn anew as a small square."""
    entered = await studio.enter(backends, caller, slug, "page")
    data = await request.body()
    return emote_of(await emotes.put(backends, caller, entered.creator.id, code, data, min_rank))


@delete("/creators/{slug:str}/emotes/{code:str}", guards=[MODERATE], tags=TAG, summary="Remove an emote")
async def remove_emote(backends: Given[Backends], caller: Given[Caller], slug: Slug, code: Code) -> None:
    entered = await studio.enter(backends, caller, slug, "page")
    await emotes.remove(backends, caller, entered.creator.id, code)


routes = [
    list_emotes, list_usable_emotes, put_emote, remove_emote,
    get_chat, list_chat_events, replay_chat, say_in_chat, remove_message, pin_message, set_chat_rules, ban_from_chat, list_chat_bans,
    lift_chat_ban, get_chat_words, put_chat_words, list_polls, ask_poll, vote_in_poll, end_poll,
]  # fmt: skip
