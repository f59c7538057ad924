"""The team of a page: its people, invitations, and handing the page over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.creators.api.views import READ, TEAM_TAG, CreatorView, OwnCreator, Slug, own_of, view_of
from directfanz.domains.creators.models import Invitation, Member, TeamRole
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.team import handover, invitations, members
from directfanz.http.caller import Caller, recently_confirmed, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit
from directfanz.http.validation import Input


class RoleGiven(Input, frozen=True):
    role: TeamRole


class InviteAsk(Input, frozen=True):
    email: Annotated[str, Meta(max_length=254)]
    role: TeamRole


class AnswerAsk(Input, frozen=True):
    accept: bool


class HandoverAsk(Input, frozen=True):
    user_id: UUID


class InvitationView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    email: str
    role: TeamRole
    created_at: datetime
    expires_at: datetime


class InvitedTo(msgspec.Struct, frozen=True):
    invitation: InvitationView
    creator: CreatorView


class Offered(msgspec.Struct, frozen=True):
    user_id: UUID
    expires_at: datetime


def invitation_view(asked: Invitation) -> InvitationView:
    return InvitationView(
        id=asked.id, email=asked.email, role=asked.role, created_at=asked.created_at, expires_at=asked.expires_at
    )


@get("/creators/{slug:str}/team", guards=[READ], tags=TEAM_TAG, summary="Who is in the team, the owner first")
async def list_team(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[Member]:
    entered = await studio.enter(backends, caller, slug)
    return await members.members(backends, caller, entered.creator.id)


@put(
    "/creators/{slug:str}/team/{user_id:uuid}", status_code=204, guards=[signed_in], tags=TEAM_TAG,
    summary="Give somebody of the team another role",
)  # fmt: skip
async def change_team_role(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, user_id: FromPath[UUID], data: JSONBody[RoleGiven]
) -> None:
    entered = await studio.enter(backends, caller, slug, "team")
    await members.change_role(backends, caller, entered.creator.id, user_id, data.role)


@delete(
    "/creators/{slug:str}/team/{user_id:uuid}", guards=[signed_in], tags=TEAM_TAG,
    summary="Take somebody out of the team, or leave it",
)  # fmt: skip
async def leave_team(backends: Given[Backends], caller: Given[Caller], slug: Slug, user_id: FromPath[UUID]) -> None:
    """The owner cannot be taken out; they hand the page over first."""
    entered = await studio.enter(backends, caller, slug)
    await members.remove(backends, caller, entered.creator.id, user_id)


@get("/creators/{slug:str}/invitations", guards=[READ], tags=TEAM_TAG, summary="Invitations nobody answered yet")
async def list_invitations(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> list[InvitationView]:
    entered = await studio.enter(backends, caller, slug, "team")
    return [invitation_view(each) for each in await invitations.waiting(backends, caller, entered.creator.id)]


@post(
    "/creators/{slug:str}/invitations", guards=[signed_in],
    opt=rate_limit("team-invitations", per_hour=30, when_down="refuse"), tags=TEAM_TAG,
    summary="Invite somebody by mail",
)  # fmt: skip
async def invite_to_team(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[InviteAsk]
) -> InvitationView:
    """The same answer whether or not somebody has that address. A second invitation takes the place of the first."""
    entered = await studio.enter(backends, caller, slug, "team")
    return invitation_view(await invitations.invite(backends, caller, entered.creator.id, data.email, data.role))


@delete(
    "/creators/{slug:str}/invitations/{invitation_id:uuid}", guards=[signed_in], tags=TEAM_TAG,
    summary="Take an invitation back",
)  # fmt: skip
async def take_back_invitation(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, invitation_id: FromPath[UUID]
) -> None:
    entered = await studio.enter(backends, caller, slug, "team")
    await invitations.take_back(backends, caller, entered.creator.id, invitation_id)


@get("/me/team-invitations", guards=[READ], tags=TEAM_TAG, summary="Invitations that wait for your answer")
async def my_invitations(backends: Given[Backends], caller: Given[Caller]) -> list[InvitedTo]:
    found = await invitations.to_me(backends, caller)
    return [InvitedTo(invitation_view(asked), view_of(creator)) for asked, creator in found]


@post(
    "/me/team-invitations/{invitation_id:uuid}/answer", status_code=204, guards=[signed_in], tags=TEAM_TAG,
    summary="Say yes or no to an invitation",
)  # fmt: skip
async def answer_invitation(
    backends: Given[Backends], caller: Given[Caller], invitation_id: FromPath[UUID], data: JSONBody[AnswerAsk]
) -> None:
    await invitations.answer(backends, caller, invitation_id, accept=data.accept)


@post(
    "/creators/{slug:str}/handover", status_code=200, guards=[recently_confirmed], tags=TEAM_TAG,
    summary="Offer the page to somebody of the team",
)  # fmt: skip
async def offer_page(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[HandoverAsk]
) -> Offered:
    """Only the owner may. It goes over when they say yes; the payout account comes off the page then."""
    entered = await studio.enter(backends, caller, slug)
    offered = await handover.offer(backends, caller, entered.creator.id, data.user_id)
    return Offered(offered.user_id, offered.expires_at)


@delete("/creators/{slug:str}/handover", guards=[signed_in], tags=TEAM_TAG, summary="Take the offer back")
async def take_back_page(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> None:
    entered = await studio.enter(backends, caller, slug)
    await handover.take_back(backends, caller, entered.creator.id)


@post(
    "/creators/{slug:str}/handover/answer", status_code=200, guards=[recently_confirmed], tags=TEAM_TAG,
    summary="Take over a page that is offered to you, or say no",
)  # fmt: skip
async def answer_handover(
    backends: Given[Backends], caller: Given[Caller], slug: Slug, data: JSONBody[AnswerAsk]
) -> OwnCreator:
    entered = await studio.enter(backends, caller, slug)
    if data.accept:
        return own_of(await handover.accept(backends, caller, entered.creator.id), "owner")
    await handover.decline(backends, caller, entered.creator.id)
    return own_of(entered.creator, entered.role)


routes = [
    list_team, change_team_role, leave_team, list_invitations, invite_to_team, take_back_invitation, my_invitations,
    answer_invitation, offer_page, take_back_page, answer_handover,
]  # fmt: skip
