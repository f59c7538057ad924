from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.service import studio
from directfanz.domains.memberships.api.views import TEAM, TEAM_READ, TEAM_WRITE, Slug
from directfanz.domains.memberships.service import comps, members
from directfanz.domains.memberships.service.members import MemberCard, MemberFilter, MemberRow, Segment
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.described import answers_file
from directfanz.http.limits import rate_limit
from directfanz.http.paging import PAGE, PageAsk, Paged, paged
from directfanz.http.validation import Input

LISTING = "members"
Search = Annotated[str, QueryParameter(max_length=100, description="A part of a handle or name.")]
SegmentAsk = Annotated[Segment, QueryParameter(description="Which members.")]
TierAsk = Annotated[UUID | None, QueryParameter(description="Only members of this tier.")]


class GiveAsk(Input, frozen=True, kw_only=True):
    handle: Annotated[str, Meta(min_length=1, max_length=64)]
    tier_id: UUID
    until: datetime | None = None


class NoteAsk(Input, frozen=True):
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class MembershipMade(msgspec.Struct, frozen=True):
    membership_id: UUID


class NoteMade(msgspec.Struct, frozen=True):
    id: UUID


@get(
    "/creators/{slug:str}/members", guards=[TEAM_READ], dependencies=PAGE, tags=TEAM,
    summary="The members of your page, the newest first",
)  # fmt: skip
async def list_members(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], slug: Slug, page: Given[PageAsk],
    segment: SegmentAsk = "live", tier_id: TierAsk = None, search: Search = "",
) -> Response[Paged[MemberRow]]:  # fmt: skip
    entered = await studio.enter(backends, caller, slug, "members")
    position = page.position(backends, LISTING, tuple[UUID])
    wanted = MemberFilter(segment=segment, tier_id=tier_id, search=search.strip())
    rows = await members.newest(
        backends, caller, entered.creator.id, wanted, position[0] if position else None, page.limit + 1
    )
    return paged(request, backends, LISTING, rows, page.limit, lambda row: (row.id,))


@get(
    "/creators/{slug:str}/members.csv", guards=[TEAM_READ], tags=TEAM, summary="The members of your page as a table",
    opt=answers_file("text/csv"),
)  # fmt: skip
async def export_members(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, segment: SegmentAsk = "live", tier_id: TierAsk = None,
    search: Search = "",
) -> Stream:  # fmt: skip
    return await csv_of(backends, caller, slug, MemberFilter(segment=segment, tier_id=tier_id, search=search.strip()))


async def csv_of(backends: Backends, caller: Caller, slug: str, wanted: MemberFilter) -> Stream:
    entered = await studio.enter(backends, caller, slug, "members")
    lines = await members.as_csv(backends, caller, entered.creator.id, wanted)
    name = f'attachment; filename="{entered.creator.slug}-members.csv"'
    return Stream(lines, media_type="text/csv", headers={"Content-Disposition": name})


@get(
    "/creators/{slug:str}/members/{membership_id:uuid}",
    guards=[TEAM_READ],
    tags=TEAM,
    summary="One member: notes and history",
)
async def one_member(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, membership_id: FromPath[UUID]
) -> MemberCard:
    entered = await studio.enter(backends, caller, slug, "members")
    return await members.one(backends, caller, entered.creator.id, membership_id)


@post(
    "/creators/{slug:str}/members", guards=[TEAM_WRITE], opt=rate_limit("give-membership", per_hour=120), tags=TEAM,
    summary="Give somebody a membership; nothing is charged",
)  # fmt: skip
async def give(backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[GiveAsk]) -> MembershipMade:
    entered = await studio.enter(backends, caller, slug, "members")
    row = await comps.give(backends, caller, entered.creator.id, data.handle, data.tier_id, data.until)
    return MembershipMade(row.id)


@delete(
    "/creators/{slug:str}/members/{membership_id:uuid}",
    guards=[TEAM_WRITE],
    tags=TEAM,
    summary="Take back what was given",
)
async def take(backends: Given[Backends], caller: Given[Caller], slug: Slug, membership_id: FromPath[UUID]) -> None:
    entered = await studio.enter(backends, caller, slug, "members")
    await comps.take(backends, caller, entered.creator.id, membership_id)


@post(
    "/creators/{slug:str}/members/{membership_id:uuid}/notes",
    guards=[TEAM_WRITE],
    tags=TEAM,
    summary="Note something about a member",
)
async def add_note(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, membership_id: FromPath[UUID], data: JSONBody[NoteAsk]
) -> NoteMade:
    entered = await studio.enter(backends, caller, slug, "members")
    return NoteMade(await members.add_note(backends, caller, entered.creator.id, membership_id, data.text))


@delete("/creators/{slug:str}/member-notes/{note_id:uuid}", guards=[TEAM_WRITE], tags=TEAM, summary="Remove a note")
async def remove_note(backends: Given[Backends], caller: Given[Caller], slug: Slug, note_id: FromPath[UUID]) -> None:
    entered = await studio.enter(backends, caller, slug, "members")
    await members.remove_note(backends, caller, entered.creator.id, note_id)


routes = [list_members, export_members, one_member, give, take, add_note, remove_note]
