"""Who is in a team, and as what."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import OwnerStays, StateChanged
from directfanz.domains.creators.models import TEAM_ROLES, Member, TeamRole
from directfanz.domains.creators.repository import pages, team
from directfanz.domains.creators.service.team import require, require_any
from directfanz.domains.notifications import service as notifications
from directfanz.errors import InvalidInput, NotFound
from directfanz.http.caller import Caller

GIVEN_ROLES: tuple[TeamRole, ...] = TEAM_ROLES[1:]


async def members(backends: Backends, caller: Caller, creator_id: UUID) -> list[Member]:
    """For everybody of the team; the owner first."""
    async with backends.database.writing() as tx:
        await require_any(tx, caller, creator_id)
        return await members_of(tx, creator_id)


async def members_of(reader: Reader, creator_id: UUID) -> list[Member]:
    rows = await team.user_ids(reader, creator_id)
    people = await people_of(reader, [user_id for user_id, _, _ in rows])
    return [
        Member(
            user_id=user_id, role=role, since=since, handle=people[user_id].handle,
            name=people[user_id].display_name, avatar=people[user_id].avatar,
        )
        for user_id, role, since in rows
        if user_id in people
    ]  # fmt: skip


async def change_role(backends: Backends, caller: Caller, creator_id: UUID, user_id: UUID, role: TeamRole) -> None:
    """Who may change the team may make and unmake everybody but the owner; also themselves."""
    require_given(role)
    async with backends.database.writing() as tx:
        creator = await require(tx, caller, creator_id, "team")
        before = await _role_before(tx, creator_id, user_id)
        if before == role:
            return
        if not await team.set_role(tx, creator_id, user_id, before, role):
            raise StateChanged("The team was changed meanwhile. Look again.")
        await notifications.notify(
            backends, tx, user_id, "creators.team_role", link=f"/studio/{creator.slug}", page=creator.name, role=role
        )
        await audit.record(
            tx, actor=caller.user_id, action="creators.team_role_changed", target=user_id, page=str(creator_id),
            before=before, after=role,
        )  # fmt: skip


async def remove(backends: Backends, caller: Caller, creator_id: UUID, user_id: UUID) -> None:
    """Everybody may leave by themselves; the others need the right."""
    async with backends.database.writing() as tx:
        leaves = caller.require_user() == user_id
        creator = (
            (await require_any(tx, caller, creator_id))[0] if leaves else await require(tx, caller, creator_id, "team")
        )
        before = await _role_before(tx, creator_id, user_id)
        if not await team.remove(tx, creator_id, user_id):
            raise StateChanged("The team was changed meanwhile. Look again.")
        await team.withdraw_handover(tx, creator_id, user_id)
        if not leaves:
            await notifications.notify(backends, tx, user_id, "creators.team_left", page=creator.name)
        await audit.record(
            tx, actor=caller.user_id, action="creators.team_left", target=user_id, page=str(creator_id), before=before
        )


def require_given(role: TeamRole) -> None:
    if role not in GIVEN_ROLES:
        raise InvalidInput.in_field("role", "There is one owner, who hands the page over.", "Choose another role.")


async def _role_before(tx: Writer, creator_id: UUID, user_id: UUID) -> TeamRole:
    """Under the page's lock, so that a handover does not come in between."""
    await pages.lock(tx, creator_id)
    before = await team.role_of(tx, creator_id, user_id)
    if before is None:
        raise NotFound("This person is not in the team.")
    if before == "owner":
        raise OwnerStays("The owner stays until somebody of the team takes the page over. Offer it to them first.")
    return before
