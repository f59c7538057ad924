"""Asking somebody into a team by mail.

The link's secret is signed where the mail is written; neither the table nor the job holds it. It works once, for seven days, and only
for the person whose address it was sent to: a mail that is passed on opens nothing. Somebody who has an account of that address sees
the invitation in their studio as well.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.backends.jobs.contract import Job
from directfanz.domains.accounts.service import letters
from directfanz.domains.accounts.service.contacts import checked_address, contact_of, user_with_address
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import InvitationInvalid, TooManyOf
from directfanz.domains.creators.models import (
    INVITATION_LIVES,
    MOST_IN_TEAM,
    MOST_INVITATIONS_OPEN,
    Creator,
    Invitation,
    TeamRole,
)
from directfanz.domains.creators.repository import pages, team
from directfanz.domains.creators.service.lookup import by_id
from directfanz.domains.creators.service.team import require
from directfanz.domains.creators.service.team.members import require_given
from directfanz.domains.notifications import service as notifications
from directfanz.errors import InvalidInput, NotFound
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id

PURPOSE = "team-invitation"
PAGE = "/team-invitations"
LETTERS = Path(__file__).parents[2] / "templates" / "email"


class SendInvitation(msgspec.Struct, frozen=True):
    invitation_id: UUID


async def invite(backends: Backends, caller: Caller, creator_id: UUID, email: str, role: TeamRole) -> Invitation:
    """The answer is the same whether or not somebody has that address."""
    address, now = checked_address(email), backends.clock.now()
    require_given(role)
    asked = Invitation(
        id=new_id(), creator_id=creator_id, email=address, role=role, invited_by=caller.require_user(), created_at=now,
        expires_at=now + INVITATION_LIVES, answered_at=None,
    )  # fmt: skip
    async with backends.database.writing() as tx:
        creator = await require(tx, caller, creator_id, "team")
        await pages.lock(tx, creator_id)
        await team.take_back_old(tx, creator_id, address, now)
        await _require_room(backends, tx, creator_id)
        invited = await user_with_address(tx, address)
        if invited is not None and await team.role_of(tx, creator_id, invited) is not None:
            raise InvalidInput.in_field("email", "This person is in the team already.", "Change their role there.")
        await team.invite(tx, asked)
        await backends.jobs.enqueue(tx, SEND_INVITATION, SendInvitation(asked.id))
        if invited is not None:
            await notifications.notify(
                backends, tx, invited, "creators.invited", link="/studio", page=creator.name, role=role
            )
        await audit.record(
            tx, actor=caller.user_id, action="creators.invited", target=creator_id, invitation=str(asked.id), role=role
        )
    return asked


async def waiting(backends: Backends, caller: Caller, creator_id: UUID) -> list[Invitation]:
    """Those that nobody answered yet."""
    async with backends.database.writing() as tx:
        await require(tx, caller, creator_id, "team")
        return await team.open_invitations(tx, creator_id, backends.clock.now())


async def take_back(backends: Backends, caller: Caller, creator_id: UUID, invitation_id: UUID) -> None:
    async with backends.database.writing() as tx:
        await require(tx, caller, creator_id, "team")
        if not await team.take_back_invitation(tx, creator_id, invitation_id, backends.clock.now()):
            raise NotFound("There is no such invitation any more.")
        await audit.record(
            tx, actor=caller.user_id, action="creators.invitation_taken_back", target=creator_id,
            invitation=str(invitation_id),
        )  # fmt: skip


async def to_me(backends: Backends, caller: Caller) -> list[tuple[Invitation, Creator]]:
    """Those that wait for the caller's answer."""
    async with backends.database.writing() as tx:
        contact = await contact_of(tx, caller.require_user())
        if contact is None:
            return []
        found = await team.invitations_to(tx, contact.email, backends.clock.now())
        return [(each, await by_id(tx, each.creator_id)) for each in found]


def id_in(backends: Backends, token: str) -> UUID:
    """Which invitation a mailed link is of."""
    found = backends.tokens.verify(PURPOSE, token, backends.clock.now())
    if found is None:
        raise _invalid()
    return UUID(found)


async def shown(backends: Backends, caller: Caller, invitation_id: UUID) -> tuple[Invitation, Creator]:
    async with backends.database.writing() as tx:
        return await _mine(backends, tx, caller, invitation_id)


async def answer(backends: Backends, caller: Caller, invitation_id: UUID, *, accept: bool) -> Creator:
    user_id, now = caller.require_user(), backends.clock.now()
    async with backends.database.writing() as tx:
        asked, creator = await _mine(backends, tx, caller, invitation_id)
        await pages.lock(tx, creator.id)
        if not await team.answer(tx, asked.id, "accepted" if accept else "declined", now):
            raise _invalid()
        if not accept:
            return creator
        if await team.count_members(tx, creator.id) >= MOST_IN_TEAM:
            raise TooManyOf("The team is full. Ask its owner to make room.")
        if await team.add(tx, creator.id, user_id, asked.role, now) and asked.invited_by is not None:
            await notifications.notify(
                backends, tx, asked.invited_by, "creators.team_joined", link=f"/studio/{creator.slug}/team",
                page=creator.name, name=caller.name or "Somebody",
            )  # fmt: skip
        await audit.record(
            tx, actor=user_id, action="creators.team_joined", target=user_id, page=str(creator.id), role=asked.role
        )
    return creator


async def _mine(backends: Backends, tx: Writer, caller: Caller, invitation_id: UUID) -> tuple[Invitation, Creator]:
    contact = await contact_of(tx, caller.require_user())
    asked = await team.find_invitation(tx, invitation_id)
    if asked is None or asked.answered_at is not None or asked.expires_at <= backends.clock.now():
        raise _invalid()
    if contact is None or contact.email.lower() != asked.email.lower():
        raise InvitationInvalid(
            "This invitation was sent to another address. Sign in with the account of that address."
        )
    return asked, await by_id(tx, asked.creator_id)


async def _require_room(backends: Backends, tx: Writer, creator_id: UUID) -> None:
    if await team.count_members(tx, creator_id) >= MOST_IN_TEAM:
        raise TooManyOf(f"A team has at most {MOST_IN_TEAM} people. Let somebody go first.")
    if len(await team.open_invitations(tx, creator_id, backends.clock.now())) >= MOST_INVITATIONS_OPEN:
        raise TooManyOf(f"{MOST_INVITATIONS_OPEN} invitations wait for an answer. Take one back first.")


async def _send(backends: Backends, payload: SendInvitation) -> None:
    async with backends.database.writing() as tx:
        asked = await team.find_invitation(tx, payload.invitation_id)
        creator = await pages.find(tx, asked.creator_id) if asked else None
    if asked is None or creator is None or asked.answered_at is not None or asked.expires_at <= backends.clock.now():
        return
    token = backends.tokens.sign(PURPOSE, str(asked.id), asked.expires_at)
    # The page's address, not its name: what a stranger typed is not put into somebody's mailbox.
    await letters.send(
        backends, LETTERS, "team_invitation", asked.email, f"{asked.id.hex}-invitation",
        f"{PAGE}?{urlencode({'token': token})}", address=backends.settings.site_url + creator.path, role=asked.role,
        until=f"{asked.expires_at:%-d %B %Y, %H:%M} UTC",
    )  # fmt: skip


def _invalid() -> InvitationInvalid:
    return InvitationInvalid("This invitation was used, taken back or has run out. Ask for a new one.")


SEND_INVITATION = Job("creators.send_invitation", SendInvitation, _send, queue="mail")
