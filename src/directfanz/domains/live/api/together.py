"""Co-hosts, raids, and what a page allows around its streams."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.live.api.streams import READ, TAG, Slug
from directfanz.domains.live.models import HostState, Raid, Rules, WhereEmbeds, WhoClips, WhoRaids
from directfanz.domains.live.service import hosting, raiding, rules, streams
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.validation import Input

Stream = FromPath[UUID]


class InviteAsk(Input, frozen=True, kw_only=True):
    """`moderates`: their team may also moderate the chat."""

    slug: Annotated[str, Meta(min_length=1, max_length=64)]
    moderates: bool = False


class AnswerAsk(Input, frozen=True):
    accepts: bool


class HostView(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    name: str
    state: HostState
    moderates: bool


class RaidAsk(Input, frozen=True):
    target_id: UUID


class RulesAsk(Input, frozen=True, kw_only=True):
    """`clips`: who may cut them. `raids`: whether others may send viewers. `embeds`: where public streams may stand in a frame."""

    clips: WhoClips = "viewers"
    raids: WhoRaids = "ask"
    embeds: WhereEmbeds = "anywhere"
    sites: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=20)] = msgspec.field(
        default_factory=list
    )


@post("/streams/{stream_id:uuid}/hosts", status_code=204, guards=[signed_in], opt=rate_limit("invite-hosts", per_hour=30),
      tags=TAG, summary="Invite a creator to make a stream with you")  # fmt: skip
async def invite_host(
    backends: Given[Backends], caller: Given[Caller], stream_id: Stream, data: JSONBody[InviteAsk]
) -> None:
    await hosting.invite(backends, caller, stream_id, data.slug, moderates=data.moderates)


@get("/streams/{stream_id:uuid}/hosts", guards=[READ], tags=TAG, summary="Who was invited to a stream of yours")
async def list_hosts(backends: Given[Backends], caller: Given[Caller], stream_id: Stream) -> list[HostView]:
    await streams.get_own(backends, caller, stream_id)
    async with backends.database.writing() as tx:
        found = await hosting.of_stream(tx, stream_id, only_accepted=False)
    return [HostView(slug=e.creator.slug, name=e.creator.name, state=e.state, moderates=e.moderates) for e in found]


@put("/streams/{stream_id:uuid}/hosts/{slug:str}", status_code=204, guards=[signed_in], tags=TAG,
     summary="Say yes or no to an invitation")  # fmt: skip
async def answer_host_invitation(
    backends: Given[Backends], caller: Given[Caller], stream_id: Stream, slug: Slug, data: JSONBody[AnswerAsk]
) -> None:
    """As the team of the page that was invited; no also after a yes."""
    entered = await studio.enter(backends, caller, slug, "posts")
    await hosting.answer(backends, caller, stream_id, entered.creator.id, accepts=data.accepts)


@post("/streams/{stream_id:uuid}/raid", guards=[signed_in], opt=rate_limit("raids", per_hour=20), tags=TAG,
      summary="Send your viewers on when the stream ends")  # fmt: skip
async def offer_raid(
    backends: Given[Backends], caller: Given[Caller], stream_id: Stream, data: JSONBody[RaidAsk]
) -> Raid:
    """To another creator who is live; they may refuse."""
    return await raiding.offer(backends, caller, stream_id, data.target_id)


@delete("/streams/{stream_id:uuid}/raid", guards=[signed_in], tags=TAG, summary="Take a raid back")
async def take_raid_back(backends: Given[Backends], caller: Given[Caller], stream_id: Stream) -> None:
    await raiding.take_back(backends, caller, stream_id)


@put("/raids/{raid_id:uuid}", status_code=204, guards=[signed_in], tags=TAG, summary="Let a raid come, or refuse it")
async def answer_raid(
    backends: Given[Backends], caller: Given[Caller], raid_id: FromPath[UUID], data: JSONBody[AnswerAsk]
) -> None:
    await raiding.answer(backends, caller, raid_id, accepts=data.accepts)


@get("/creators/{slug:str}/live-rules", guards=[READ], tags=TAG, summary="What a page allows around its streams")
async def get_live_rules(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Rules:
    entered = await studio.enter(backends, caller, slug, "posts")
    async with backends.database.writing() as tx:
        return await rules.of_page(tx, entered.creator.id)


@put(
    "/creators/{slug:str}/live-rules", guards=[signed_in], tags=TAG, summary="Say what a page allows around its streams"
)
async def put_live_rules(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[RulesAsk]
) -> Rules:
    entered = await studio.enter(backends, caller, slug, "posts")
    return await rules.put(backends, caller, entered.creator.id, Rules(**msgspec.structs.asdict(data)))


routes = [
    invite_host, list_hosts, answer_host_invitation, offer_raid, take_raid_back, answer_raid, get_live_rules, put_live_rules,
]  # fmt: skip
