"""Memberships that somebody else pays for: bought, claimed once with a secret code, expired when nobody claims them.

Claimed by somebody who is no member, a gift makes a membership. On top of one that is paid for, it postpones the next charge by its
months; of a higher tier, it opens that tier as well for as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.memberships.errors import GiftRefused, NoSuchGift, NoSuchTier, TierClosed
from directfanz.domains.memberships.models import (
    CHECKOUT_LIVES,
    GIFT_LIVES,
    GIFT_MONTHS,
    HELD,
    Gift,
    GiftBuying,
    Membership,
    Tier,
)
from directfanz.domains.memberships.policy.codes import hashed, new_code
from directfanz.domains.memberships.policy.selling import check_chargeable, gift_price
from directfanz.domains.memberships.policy.states import ended
from directfanz.domains.memberships.repository import gifts, memberships, tiers
from directfanz.domains.memberships.service import joining, telling
from directfanz.domains.memberships.service.record import become, changed
from directfanz.domains.memberships.service.terms import product_name
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

MESSAGE_CHARACTERS = 500


async def begin(
    backends: Backends, tx: Writer, buyer_id: UUID, tier_id: UUID, months: int, message: str = ""
) -> GiftBuying:
    """Holds a place in the tier until the page for paying lapses, and then until the gift is claimed or expires."""
    if months not in GIFT_MONTHS:
        raise InvalidInput.in_field("months", f"A gift is for {', '.join(map(str, GIFT_MONTHS))} months.")
    tier, creator = await _giftable(tx, tier_id)
    await joining.require_place(tx, tier)
    price, now = gift_price(tier, months), backends.clock.now()
    check_chargeable(price)
    gift = Gift(
        id=new_id(), creator_id=tier.creator_id, tier_id=tier.id, buyer_id=buyer_id, months=months, amount=price.minor,
        currency=price.currency, message=message.strip()[:MESSAGE_CHARACTERS], state="pending", has_code=False,
        held_until=now + HELD, expires_at=None, claimed_by=None, claimed_at=None, starts_at=None, ends_at=None,
        membership_id=None, on_top=False, postponed_to=None, created_at=now, paid_at=None,
    )  # fmt: skip
    await gifts.insert(tx, gift)
    return GiftBuying(
        gift_id=gift.id, creator_id=gift.creator_id, tier_id=tier.id, price=price,
        product=f"{product_name(creator, tier)}, a gift of {months} month{'s' if months > 1 else ''}",
        metadata={"kind": "gift", "gift": str(gift.id), "creator": str(gift.creator_id), "user": str(buyer_id)},
        expires_at=now + CHECKOUT_LIVES,
    )  # fmt: skip


def price_of(tier: Tier, months: int) -> Money:
    """Before it is bought: for a page."""
    return gift_price(tier, months)


async def lapse(backends: Backends, tx: Writer, gift_id: UUID) -> bool:
    """Nothing came of it: its place is free. If it turns out to be paid for, it is there all the same."""
    return await gifts.lapse(tx, gift_id)


async def lapse_all(tx: Writer, gift_ids: Sequence[UUID]) -> None:
    """As `lapse`, of many."""
    await gifts.lapse_all(tx, gift_ids)


async def paid(backends: Backends, tx: Writer, gift_id: UUID) -> Gift | None:
    """May be told again."""
    now = backends.clock.now()
    done = await gifts.is_paid(tx, gift_id, now, now + GIFT_LIVES)
    gift = await gifts.find(tx, gift_id)
    if done and gift is not None:
        await telling.gift_bought(backends, tx, gift)
    return gift


async def refunded(backends: Backends, tx: Writer, gift_id: UUID) -> Gift | None:
    """What it gave ends. A charge that it postponed stays postponed: nobody is charged sooner than they were told."""
    gift = await gifts.lock(tx, gift_id)
    if gift is None or not await gifts.refund(tx, gift_id) or gift.state != "claimed":
        return gift
    now = backends.clock.now()
    await entitlements.end(backends, tx, "gift", gift.id, now, "refunded")
    row = await memberships.lock(tx, gift.membership_id) if gift.membership_id else None
    if row is not None and row.source == "gift" and row.is_live:
        await _shorten(backends, tx, row, now)
    return gift


async def new_code_for(backends: Backends, caller: Caller, gift_id: UUID) -> str:
    """A code to hand on, shown once. The one before it opens nothing any more."""
    buyer_id, code = caller.require_user(), new_code()
    async with backends.database.writing() as tx:
        gift = _mine(await gifts.lock(tx, gift_id), buyer_id)
        if not await gifts.set_code(tx, gift_id, hashed(code)):
            raise GiftRefused(_WHY_NOT.get(gift.state, "This gift can be claimed no longer."))
    return code


async def of_buyer(backends: Backends, caller: Caller, gift_id: UUID) -> Gift:
    async with backends.database.writing() as tx:
        return _mine(await gifts.find(tx, gift_id), caller.require_user())


async def all_of(backends: Backends, caller: Caller) -> tuple[list[Gift], list[Gift]]:
    """Bought and claimed."""
    user_id = caller.require_user()
    async with backends.database.reading() as reader:
        return await gifts.bought_by(reader, user_id), await gifts.claimed_by(reader, user_id)


async def _shorten(backends: Backends, tx: Writer, row: Membership, now: datetime) -> None:
    """To what other gifts gave it."""
    until = await gifts.last_end(tx, row.id)
    if until is not None and until > now:
        await become(backends, tx, row, changed(row, period_end=until), "shortened")
        return
    new = await become(backends, tx, row, ended(row, now, "refunded"), "ended", why="refunded")
    await telling.ended(backends, tx, new)


async def _giftable(tx: Writer, tier_id: UUID) -> tuple[Tier, Creator]:
    tier = await tiers.lock(tx, tier_id)
    if tier is None:
        raise NoSuchTier("There is no such tier.")
    creator = await lookup.by_id(tx, tier.creator_id)
    if not creator.is_public or tier.state != "open":
        raise TierClosed(f"{tier.name} takes no new members. Look at the other tiers.")
    if tier.min_amount == 0:
        raise GiftRefused(f"{tier.name} costs nothing; there is nothing to give.")
    return tier, creator


def _mine(gift: Gift | None, buyer_id: UUID) -> Gift:
    if gift is None or gift.buyer_id != buyer_id or gift.state in ("pending", "lapsed"):
        raise NoSuchGift("There is no such gift of yours.")
    return gift


_WHY_NOT: dict[str, str] = {
    "claimed": "This gift was claimed already.",
    "expired": "This gift was not claimed in time.",
    "refunded": "This gift was given back.",
}
