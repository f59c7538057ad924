"""The team of a page, and the answers of those who are asked into one."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from directfanz.backends import Backends
from directfanz.domains.creators.models import TEAM_ROLES
from directfanz.domains.creators.pages.asking import Html, InviteForm, Page, PersonForm, RoleForm, Slug
from directfanz.domains.creators.policy import RIGHTS
from directfanz.domains.creators.service import studio
from directfanz.domains.creators.service.studio import home_of
from directfanz.domains.creators.service.team import handover, invitations, members
from directfanz.errors import DirectFanzError, InvalidInput
from directfanz.http.caller import Caller, recently_confirmed, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.forms import Form, read_form
from directfanz.http.limits import rate_limit
from directfanz.http.pages import render, see_other
from directfanz.http.refusals import UNPROCESSABLE, refuse

ROLE_WORDS = {
    "owner": "Owner",
    "admin": "Administrator",
    "editor": "Editor",
    "moderator": "Moderator",
    "analyst": "Analyst",
}
ROLE_HELP = {
    "owner": "Everything, and is the one who is paid.",
    "admin": "Everything but where the money goes.",
    "editor": "Writes posts and looks after the page.",
    "moderator": "Moderates, and sees the members.",
    "analyst": "Sees the figures.",
}


@get("/studio/{slug:str}/team", guards=[signed_in])
async def team_page(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    return await _team(request, backends, caller, await studio.enter(backends, caller, slug), Form.blank(role="editor"))


@post(
    "/studio/{slug:str}/team/invite", status_code=200, guards=[signed_in],
    opt=rate_limit("team-invitations", per_hour=30, when_down="refuse"),
)  # fmt: skip
async def invite_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug, "team")
    form, status = await read_form(request, InviteForm), UNPROCESSABLE
    if (asked := form.value) is not None:
        try:
            made = await invitations.invite(backends, caller, entered.creator.id, asked.email, asked.role)
            return see_other(request, f"{entered.home}/team", f"An invitation is on its way to {made.email}.")
        except DirectFanzError as error:
            status = refuse(form, error)
    return await _team(request, backends, caller, entered, form, status)


@post("/studio/{slug:str}/team/invitations/{invitation_id:uuid}/take-back", status_code=200, guards=[signed_in])
async def take_back(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, invitation_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "team")
    taking = invitations.take_back(backends, caller, entered.creator.id, invitation_id)
    return await _then(request, taking, f"{entered.home}/team", "The invitation is taken back.")


@post("/studio/{slug:str}/team/{user_id:uuid}/role", status_code=200, guards=[signed_in])
async def role_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, user_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug, "team")
    form = await read_form(request, RoleForm)
    changing = members.change_role(backends, caller, entered.creator.id, user_id, form.data.role)
    return await _then(request, changing, f"{entered.home}/team", "Saved.")


@post("/studio/{slug:str}/team/{user_id:uuid}/remove", status_code=200, guards=[signed_in])
async def remove_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug, user_id: FromPath[UUID]
) -> Html:
    entered = await studio.enter(backends, caller, slug)
    removing = members.remove(backends, caller, entered.creator.id, user_id)
    if user_id == caller.user_id:
        return await _then(request, removing, "/studio", f"You left the team of {entered.creator.name}.", entered.home)
    return await _then(request, removing, f"{entered.home}/team", "They are no longer in the team.")


@post("/studio/{slug:str}/team/handover", status_code=200, guards=[recently_confirmed])
async def offer_do(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug)
    form = await read_form(request, PersonForm)
    offering = handover.offer(backends, caller, entered.creator.id, _id_in(form.data.user_id))
    return await _then(
        request, offering, f"{entered.home}/team", "The page is offered. It goes over when they say yes."
    )


@post("/studio/{slug:str}/team/handover/take-back", status_code=200, guards=[signed_in])
async def offer_back(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug)
    taking = handover.take_back(backends, caller, entered.creator.id)
    return await _then(request, taking, f"{entered.home}/team", "The page stays yours.")


@post("/studio/{slug:str}/team/handover/accept", status_code=200, guards=[recently_confirmed])
async def handover_accept(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug)
    accepting = handover.accept(backends, caller, entered.creator.id)
    return await _then(request, accepting, entered.home, "The page is yours. Open your payout account next.")


@post("/studio/{slug:str}/team/handover/decline", status_code=200, guards=[signed_in])
async def handover_decline(request: Page, backends: Given[Backends], caller: Given[Caller], slug: Slug) -> Html:
    entered = await studio.enter(backends, caller, slug)
    declining = handover.decline(backends, caller, entered.creator.id)
    return await _then(request, declining, f"{entered.home}/team", "You said no. The page stays with its owner.")


@get("/team-invitations", guards=[signed_in])
async def mailed_page(
    request: Page, backends: Given[Backends], caller: Given[Caller], token: FromQuery[str] = ""
) -> Html:
    """Where the mail leads. A button, because programs that look into mail open links as well."""
    try:
        asked, creator = await invitations.shown(backends, caller, invitations.id_in(backends, token))
    except InvalidInput as error:
        return render(request, "creators/invitation.html", 422, problem=error.message)
    return render(
        request, "creators/invitation.html", problem=None, asked=asked, creator=creator, role=ROLE_WORDS[asked.role],
        may=ROLE_HELP[asked.role],
    )  # fmt: skip


@post("/team-invitations/{invitation_id:uuid}/{said:str}", status_code=200, guards=[signed_in])
async def answer_do(
    request: Page, backends: Given[Backends], caller: Given[Caller], invitation_id: FromPath[UUID], said: FromPath[str]
) -> Html:
    accept = said == "accept"
    try:
        creator = await invitations.answer(backends, caller, invitation_id, accept=accept)
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return render(request, "creators/invitation.html", 422, problem=form.problem)
    if accept:
        return see_other(request, home_of(creator), f"Welcome to the team of {creator.name}.")
    return see_other(request, "/", f"You said no to {creator.name}.")


def _id_in(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput.in_field("user_id", "Choose somebody of the team.") from None


async def _then(request: Page, doing: Awaitable[Any], back: str, words: str, refused: str = "") -> Html:
    try:
        await doing
    except DirectFanzError as error:
        refuse(form := Form.blank(), error)
        return see_other(request, refused or back, form.problem or error.message, "problem")
    return see_other(request, back, words)


async def _team(
    request: Page, backends: Backends, caller: Caller, entered: studio.Studio, form: Form[Any], status: int = 200
) -> Html:
    creator_id = entered.creator.id
    waiting = await invitations.waiting(backends, caller, creator_id) if entered.may("team") else []
    return render(
        request, "creators/team.html", status, studio=entered, form=form, waiting=waiting,
        members=await members.members(backends, caller, creator_id), role_words=ROLE_WORDS, role_help=ROLE_HELP,
        given=[[role, ROLE_WORDS[role]] for role in TEAM_ROLES[1:]], may_change=entered.may("team"), rights=RIGHTS,
        offered=await handover.waiting(backends, caller, creator_id), me=caller.user_id,
    )  # fmt: skip


routes = [
    team_page, invite_do, take_back, role_do, remove_do, offer_do, offer_back, handover_accept, handover_decline,
    mailed_page, answer_do,
]  # fmt: skip
