"""Many members whose next period was paid, in a handful of statements: a night of renewals.

Only what changes nothing but the period goes this way. Whoever recovers, changes tier, ends or is told of something takes the way of
each alone, in `following`; both say the same of the same news.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Subscription
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.policy.states import changed, paid_until, told
from directfanz.domains.memberships.repository import memberships, tiers
from directfanz.domains.memberships.service.following import what_happened
from directfanz.domains.memberships.service.record import grant_of

_OF_A_PERIOD = ("card", "period_start", "period_end", "grace_until", "as_of")


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of a subscription, and the period that was paid for it."""

    said: Subscription
    asked_at: datetime
    paid: tuple[datetime, datetime] | None


class NotAlone(Exception):
    """Somebody changed one of them in the meantime: none was written, take each alone."""


async def plain(reader: Reader, news: Sequence[Renewal]) -> dict[str, Membership]:
    """Those that can go together, as they would be. By subscription."""
    rows = await memberships.by_subscriptions(reader, [each.said.id for each in news])
    return {new.subscription: new for _, new in _pairs(rows, news) if new.subscription}


async def renew_all(backends: Backends, tx: Writer, news: Sequence[Renewal]) -> Mapping[str, Membership]:
    """Each subscription once. What is plain no more under the lock raises `NotAlone`."""
    pairs = _pairs(await memberships.lock_by_subscriptions(tx, [each.said.id for each in news]), news)
    if len(pairs) != len(news):
        raise NotAlone
    new = [row for _, row in pairs]
    if await memberships.renew_all(tx, new) != len(new):
        raise NotAlone
    renewed = [row.id for old, row in pairs for word in what_happened(old, row) if word == "renewed"]
    await memberships.happened_all(tx, renewed, backends.clock.now(), "renewed")
    there = await tiers.these(tx, list({row.tier_id for row in new}))
    await entitlements.grant_all(backends, tx, [grant_of(row, there[row.tier_id]) for row in new])
    return {row.subscription: row for row in new if row.subscription}


def _pairs(rows: Sequence[Membership], news: Sequence[Renewal]) -> list[tuple[Membership, Membership]]:
    by_name = {each.said.id: each for each in news}
    pairs = [(row, _renewed(row, by_name[row.subscription or ""])) for row in rows]
    return [(row, new) for row, new in pairs if new is not None]


def _renewed(row: Membership, news: Renewal) -> Membership | None:
    """None when more changes than its period, or when newer news were here first."""
    if row.state != "active" or (row.as_of is not None and news.asked_at < row.as_of):
        return None
    new = msgspec.structs.replace(changed(told(row, news.said), news.said), as_of=news.asked_at)
    if news.paid is not None:
        new = paid_until(new, *news.paid)
    only_period = msgspec.structs.replace(row, **{name: getattr(new, name) for name in _OF_A_PERIOD})
    return new if new == only_period else None
