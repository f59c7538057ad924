"""Giving a page to somebody else of its team. It happens when they say yes, and takes the payout account off the page: that one is of a
person, and the new owner opens their own before money leaves again."""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service import roles
from directfanz.domains.accounts.service.change import changing
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import NotInTeam, NotReady, StateChanged, TooManyOf
from directfanz.domains.creators.models import HANDOVER_LIVES, PAGES_PER_OWNER, Creator, Handover
from directfanz.domains.creators.repository import pages, team
from directfanz.domains.creators.service.lookup import by_id
from directfanz.domains.creators.service.team import require_any
from directfanz.domains.notifications import service as notifications
from directfanz.http.caller import Caller


async def offer(backends: Backends, caller: Caller, creator_id: UUID, user_id: UUID) -> Handover:
    """Only by the owner, to somebody of the team. A second offer takes the place of the first."""
    now = backends.clock.now()
    offered = Handover(creator_id=creator_id, user_id=user_id, offered_at=now, expires_at=now + HANDOVER_LIVES)
    async with backends.database.writing() as tx:
        creator = await _owned(backends, tx, caller, creator_id)
        if await team.role_of(tx, creator_id, user_id) in (None, "owner"):
            raise NotReady("Only somebody else of the team can take the page over. Invite them first.")
        await team.offer_handover(tx, offered)
        link = f"/studio/{creator.slug}/team"
        await notifications.notify(backends, tx, user_id, "creators.handover_offered", link=link, page=creator.name)
        await audit.record(
            tx, actor=caller.user_id, action="creators.handover_offered", target=user_id, page=str(creator_id)
        )
    return offered


async def take_back(backends: Backends, caller: Caller, creator_id: UUID) -> None:
    async with backends.database.writing() as tx:
        await _owned(backends, tx, caller, creator_id)
        await team.end_handover(tx, creator_id)


async def waiting(backends: Backends, caller: Caller, creator_id: UUID) -> Handover | None:
    """For everybody of the team."""
    async with backends.database.writing() as tx:
        await require_any(tx, caller, creator_id)
        return await team.find_handover(tx, creator_id, backends.clock.now())


async def accept(backends: Backends, caller: Caller, creator_id: UUID) -> Creator:
    """The owner before stays as administrator."""
    user_id, now = caller.require_user(), backends.clock.now()
    async with changing(backends) as change:
        tx = change.tx
        await roles.become_creator(change, user_id)
        creator, role = await require_any(tx, caller, creator_id)
        await pages.lock(tx, creator_id)
        offered = await team.find_handover(tx, creator_id, now)
        owner = await team.owner_of(tx, creator_id)
        if offered is None or offered.user_id != user_id or owner is None or role == "owner":
            raise NotReady("This page is not offered to you, or not any more. Ask its owner.")
        if await team.count_owned(tx, user_id) >= PAGES_PER_OWNER:
            raise TooManyOf(f"One person owns at most {PAGES_PER_OWNER} pages. Hand one over first.")
        if not await team.set_role(tx, creator_id, owner, "owner", "admin"):
            raise StateChanged("The team was changed meanwhile. Look again.")
        if not await team.set_role(tx, creator_id, user_id, role, "owner"):
            raise StateChanged("The team was changed meanwhile. Look again.")
        await team.end_handover(tx, creator_id)
        await pages.forget_account(tx, creator_id, now)
        link = f"/studio/{creator.slug}/team"
        await notifications.notify(
            backends, tx, owner, "creators.handed_over", link=link, page=creator.name, name=caller.name or "Somebody"
        )
        await audit.record(
            tx, actor=user_id, action="creators.handed_over", target=user_id, page=str(creator_id), before=str(owner)
        )
    return await by_id(backends.database, creator_id)


async def decline(backends: Backends, caller: Caller, creator_id: UUID) -> None:
    async with backends.database.writing() as tx:
        await require_any(tx, caller, creator_id)
        await team.withdraw_handover(tx, creator_id, caller.require_user())


async def _owned(backends: Backends, tx: Writer, caller: Caller, creator_id: UUID) -> Creator:
    creator, role = await require_any(tx, caller, creator_id)
    if role != "owner":
        raise NotInTeam("Only the owner can hand the page over.")
    await pages.lock(tx, creator_id)
    if await team.owner_of(tx, creator_id) != caller.user_id:  # under the lock: it may have gone over just now
        raise NotInTeam("Only the owner can hand the page over.")
    return creator
