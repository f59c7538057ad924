"""What operators do to pages. Each act is written into the audit log in the transaction that does it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import StateChanged
from directfanz.domains.creators.models import Creator, State
from directfanz.domains.creators.policy.words import checked_reason
from directfanz.domains.creators.repository import pages, team
from directfanz.domains.creators.service.lookup import by_id
from directfanz.domains.creators.service.studio import home_of
from directfanz.domains.notifications import service as notifications
from directfanz.errors import Forbidden, InvalidInput
from directfanz.http.caller import Caller

MOST_BPS = 3000
MOST_HOLD_DAYS = 90


def require_operator(caller: Caller) -> UUID:
    user_id = caller.require_user()
    if caller.role != "admin":
        raise Forbidden("This needs the role admin.")
    return user_id


async def list_pages(
    backends: Backends, caller: Caller, state: State | None, search: str | None, before: UUID | None, limit: int
) -> list[Creator]:
    """Newest first."""
    require_operator(caller)
    return await pages.list_all(backends.database, state, search, before, limit)


async def suspend(backends: Backends, caller: Caller, creator_id: UUID, reason: str) -> Creator:
    """Nobody but the team sees the page from now on; what members paid for stays theirs."""
    actor, why = require_operator(caller), checked_reason(reason)
    async with backends.database.writing() as tx:
        creator = await by_id(tx, creator_id)
        await _move(backends, tx, creator, "suspended", why)
        await _tell_owner(backends, tx, creator, "creators.suspended", reason=why)
        await audit.record(tx, actor=actor, action="creators.suspended", target=creator_id, reason=why)
        return await by_id(tx, creator_id)


async def unsuspend(backends: Backends, caller: Caller, creator_id: UUID) -> Creator:
    """It is again what it was before."""
    actor = require_operator(caller)
    async with backends.database.writing() as tx:
        creator = await by_id(tx, creator_id)
        if creator.state != "suspended":
            raise StateChanged("This page is not suspended.")
        await _move(backends, tx, creator, "published" if creator.published_at else "draft", None)
        await _tell_owner(backends, tx, creator, "creators.unsuspended")
        await audit.record(tx, actor=actor, action="creators.unsuspended", target=creator_id)
        return await by_id(tx, creator_id)


async def set_terms(
    backends: Backends, caller: Caller, creator_id: UUID, fee_bps: int | None, hold_days: int
) -> Creator:
    """What the platform keeps of each order (None: what it asks of everybody), and how long money is held before it is paid out."""
    actor = require_operator(caller)
    if fee_bps is not None and not 0 <= fee_bps <= MOST_BPS:
        raise InvalidInput.in_field("fee_bps", f"A fee is 0 to {MOST_BPS} basis points.", "500 are 5 %.")
    if not 0 <= hold_days <= MOST_HOLD_DAYS:
        raise InvalidInput.in_field("hold_days", f"Money is held 0 to {MOST_HOLD_DAYS} days.")
    async with backends.database.writing() as tx:
        creator = await by_id(tx, creator_id)
        await pages.set_terms(tx, creator_id, fee_bps, hold_days, backends.clock.now())
        await audit.record(
            tx, actor=actor, action="creators.terms_changed", target=creator_id, fee_before=creator.fee_bps,
            fee_after=fee_bps, hold_before=creator.hold_days, hold_after=hold_days,
        )  # fmt: skip
    return msgspec.structs.replace(creator, fee_bps=fee_bps, hold_days=hold_days)


async def _move(backends: Backends, tx: Writer, creator: Creator, new: State, reason: str | None) -> None:
    if creator.state == new:
        raise StateChanged("This page is suspended already.")
    now = backends.clock.now()
    if not await pages.move(tx, creator.id, creator.state, new, creator.published_at, reason, now):
        raise StateChanged("The page was changed meanwhile. Look again.")


async def _tell_owner(backends: Backends, tx: Writer, creator: Creator, kind: str, **facts: str) -> None:
    owner = await team.owner_of(tx, creator.id)
    if owner is not None:
        await notifications.notify(backends, tx, owner, kind, link=home_of(creator), page=creator.name, **facts)
