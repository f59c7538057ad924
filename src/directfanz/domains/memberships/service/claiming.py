"""Taking a gift with its code."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.service import blocking, team
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant
from directfanz.domains.memberships.errors import GiftRefused, NoSuchGift
from directfanz.domains.memberships.models import Gift, Membership, Tier
from directfanz.domains.memberships.policy.codes import hashed
from directfanz.domains.memberships.repository import gifts, memberships, tiers
from directfanz.domains.memberships.service import at_provider, joining, telling
from directfanz.domains.memberships.service.record import become, changed
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.time import add_months


async def look(backends: Backends, code: str) -> tuple[Gift, Tier]:
    """What a code would give."""
    async with backends.database.writing() as tx:
        return await _claimable(backends, tx, code)


async def claim(backends: Backends, caller: Caller, code: str) -> Gift:
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        gift, tier = await _claimable(backends, tx, code)
        if await team.role_of(tx, caller, gift.creator_id):
            raise GiftRefused("You are in the team of this page and see everything on it. Hand the gift on.")
        await blocking.require_together(tx, user_id, gift.creator_id)
        now = backends.clock.now()
        claimed = msgspec.structs.replace(gift, state="claimed", claimed_by=user_id, claimed_at=now)
        claimed = await _placed(backends, tx, claimed, tier, user_id)
        if not await gifts.claim(tx, claimed):
            raise GiftRefused("Somebody claimed this gift just now.")
        if claimed.on_top:
            await give_on_top(backends, tx, claimed, tier)
        await telling.gift_claimed(backends, tx, claimed, user_id)
    return claimed


async def give_on_top(backends: Backends, tx: Writer, gift: Gift, tier: Tier) -> None:
    assert gift.claimed_by is not None
    assert gift.starts_at is not None
    wanted = Grant(
        user_id=gift.claimed_by, creator_id=gift.creator_id, source="gift", source_id=gift.id, rank=tier.rank,
        tier_name=tier.name, starts_at=gift.starts_at, ends_at=gift.ends_at,
    )  # fmt: skip
    await entitlements.grant(backends, tx, wanted)


async def keep_on_top(backends: Backends, tx: Writer, row: Membership) -> None:
    """The days that gifts have left stay their owner's when a paid membership takes the place of the given one."""
    for gift in await gifts.keep_on_top(tx, row.id, backends.clock.now()):
        tier = await tiers.find(tx, gift.tier_id)
        assert tier is not None
        await give_on_top(backends, tx, gift, tier)


async def _claimable(backends: Backends, tx: Writer, code: str) -> tuple[Gift, Tier]:
    gift = await gifts.lock_by_code(tx, hashed(code))
    if gift is None or gift.state != "paid":
        raise NoSuchGift("No gift waits behind this code. Look whether it is complete, or ask who gave it to you.")
    if gift.expires_at is not None and backends.clock.now() >= gift.expires_at:
        raise GiftRefused("This gift was not claimed in time.")
    tier = await tiers.find(tx, gift.tier_id)
    assert tier is not None
    return gift, tier


async def _placed(backends: Backends, tx: Writer, gift: Gift, tier: Tier, user_id: UUID) -> Gift:
    rows = await memberships.lock_of_pair(tx, user_id, gift.creator_id)
    live = next((row for row in rows if row.is_live), None)
    now = backends.clock.now()
    if live is None:
        return await _made(backends, tx, gift, user_id, now)
    if live.source == "gift" and live.tier_id == tier.id and live.period_end is not None:
        return await _extended(backends, tx, gift, live, live.period_end)
    if live.source == "paid" and live.state in ("trialing", "active"):
        gift = await _postponed(backends, tx, gift, live)
    start = await _start_beside(tx, live, tier, now)
    return _window(msgspec.structs.replace(gift, membership_id=live.id, on_top=True), start)


async def _made(backends: Backends, tx: Writer, gift: Gift, user_id: UUID, now: datetime) -> Gift:
    gift = _window(gift, now)
    row = Membership(
        id=new_id(), user_id=user_id, creator_id=gift.creator_id, tier_id=gift.tier_id, state="active", source="gift",
        amount=0, currency=gift.currency, interval="month", created_at=now, started_at=now, period_start=now,
        period_end=gift.ends_at,
    )  # fmt: skip
    await joining.put(backends, tx, row, "joined", actor=user_id)
    await telling.joined(backends, tx, row)
    return msgspec.structs.replace(gift, membership_id=row.id)


async def _extended(backends: Backends, tx: Writer, gift: Gift, live: Membership, ends: datetime) -> Gift:
    gift = _window(gift, ends)
    await become(backends, tx, live, changed(live, period_end=gift.ends_at), "extended", actor=gift.claimed_by)
    return msgspec.structs.replace(gift, membership_id=live.id)


async def _postponed(backends: Backends, tx: Writer, gift: Gift, live: Membership) -> Gift:
    """After all gifts before it, whether or not the provider knows of them yet."""
    assert live.subscription is not None
    assert live.period_end is not None
    before = await gifts.postponed_to(tx, live.id)
    until = add_months(max(before, live.period_end) if before else live.period_end, gift.months)
    await at_provider.postpone(backends, tx, live.subscription, until, f"gift {gift.id}")
    await memberships.happened(
        tx, live.id, backends.clock.now(), "postponed", gift.claimed_by, {"months": gift.months, "until": until}
    )
    return msgspec.structs.replace(gift, postponed_to=until)


async def _start_beside(tx: Writer, live: Membership, tier: Tier, now: datetime) -> datetime:
    """What ends soon at the same tier or a higher one is used up first."""
    mine = await tiers.find(tx, live.tier_id)
    waits = live.state == "canceled" and live.period_end is not None and mine is not None and mine.rank >= tier.rank
    return max(now, live.period_end) if waits and live.period_end else now


def _window(gift: Gift, start: datetime) -> Gift:
    return msgspec.structs.replace(gift, starts_at=start, ends_at=add_months(start, gift.months))
