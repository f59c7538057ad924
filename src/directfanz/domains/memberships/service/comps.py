"""Memberships that the team gives: nothing is charged, and they end when the team says so."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service.profile import person_called
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.service import team
from directfanz.domains.memberships.errors import MemberAlready, NoSuchMembership, NoSuchTier, NotNow, TierClosed
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.policy.states import ended
from directfanz.domains.memberships.repository import memberships, tiers
from directfanz.domains.memberships.service import joining, telling
from directfanz.domains.memberships.service.record import become
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id


async def give(
    backends: Backends, caller: Caller, creator_id: UUID, handle: str, tier_id: UUID, until: datetime | None = None
) -> Membership:
    now = backends.clock.now()
    if until is not None and until <= now:
        raise InvalidInput.in_field("until", "This day has passed.")
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "members")
        tier = await tiers.lock(tx, tier_id)
        if tier is None or tier.creator_id != creator_id:
            raise NoSuchTier("There is no such tier on this page.")
        if tier.state == "archived":
            raise TierClosed(f"{tier.name} is archived. Choose another tier.")
        person = await person_called(tx, handle)
        await _require_no_member(tx, creator_id, person.id, person.display_name)
        await joining.require_place(tx, tier)
        row = Membership(
            id=new_id(), user_id=person.id, creator_id=creator_id, tier_id=tier.id, state="active", source="comp",
            amount=0, currency=tier.currency, interval="month", created_at=now, started_at=now, period_start=now,
            period_end=until,
        )  # fmt: skip
        await joining.put(backends, tx, row, "given", actor=caller.user_id)
        await telling.joined(backends, tx, row)
        await audit.record(tx, actor=caller.user_id, action="memberships.given", target=person.id)
    return row


async def take(backends: Backends, caller: Caller, creator_id: UUID, membership_id: UUID) -> Membership:
    """Only what was given: what somebody pays for is not the team's to end."""
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "members")
        row = await memberships.lock(tx, membership_id)
        if row is None or row.creator_id != creator_id:
            raise NoSuchMembership("There is no such membership on this page.")
        if row.source != "comp":
            raise NotNow("Only a membership that the team gave can be taken back. Refund a paid one.")
        if not row.is_live:
            return row
        new = await become(
            backends, tx, row, ended(row, backends.clock.now(), "taken_back"), "ended", actor=caller.user_id,
            why="taken_back",
        )  # fmt: skip
        await telling.ended(backends, tx, new)
        await audit.record(tx, actor=caller.user_id, action="memberships.taken_back", target=row.user_id)
    return new


async def _require_no_member(tx: Writer, creator_id: UUID, user_id: UUID, name: str) -> None:
    if await team.role_of(tx, Caller(user_id=user_id), creator_id):
        raise MemberAlready(f"{name} is in the team and sees everything.")
    if await memberships.find_live(tx, user_id, creator_id):
        raise MemberAlready(f"{name} is a member already.")
