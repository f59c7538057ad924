"""What somebody lets themselves spend in a month. Renewals of memberships count, and are never stopped by it: that would end them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.payments.errors import AmountRefused, SpendCapReached
from directfanz.domains.payments.models import SpendCap
from directfanz.domains.payments.repository import holds, orders, people
from directfanz.errors import Detail
from directfanz.http.caller import Caller
from directfanz.kit.money import MAX_MINOR, Money, money, plain
from directfanz.kit.time import add_months

# Longer than the provider takes to charge and to tell of it.
HELD = timedelta(minutes=10)


class Limit:
    """For whoever charges a card at once without an order of ours: what is about to be charged counts from the moment it is asked for."""

    async def hold(self, tx: Writer, user_id: UUID, membership_id: UUID, due: Money, since: datetime) -> None:
        if due.minor:
            await require_within_cap(tx, user_id, due, since)
            await holds.put(tx, membership_id, user_id, due, since + HELD)

    async def let_go(self, tx: Writer, membership_id: UUID) -> None:
        """Nothing was charged."""
        await holds.drop(tx, membership_id)


async def caps(backends: Backends, caller: Caller) -> list[SpendCap]:
    user_id, now = caller.require_user(), backends.clock.now()
    async with backends.database.writing() as tx:
        return [
            SpendCap(cap, await _spent(tx, user_id, cap.currency, now)) for cap in await people.caps_of(tx, user_id)
        ]


async def cap_in(backends: Backends, caller: Caller, currency: str) -> SpendCap | None:
    """For where one pays: how much of the month is left. None for whoever set themselves no cap in it."""
    if caller.user_id is None:
        return None
    return next((cap for cap in await caps(backends, caller) if cap.amount.currency == currency), None)


async def months(backends: Backends, caller: Caller, currency: str) -> list[tuple[datetime, Money]]:
    """The last twelve, this one included, the oldest first."""
    start = backends.clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    firsts = [add_months(start, back) for back in range(-11, 1)]
    async with backends.database.reading() as reader:
        paid = dict(await orders.by_month_of_user(reader, caller.require_user(), currency, firsts[0]))
    return [(first, Money(paid.get(first, 0), currency)) for first in firsts]


async def set_cap(backends: Backends, caller: Caller, amount: Money) -> None:
    money(amount.minor, amount.currency)
    if not 0 <= amount.minor <= MAX_MINOR:
        raise AmountRefused(
            "A cap is nothing or more.", Detail("amount", "A cap is nothing or more.", "Give an amount.")
        )
    async with backends.database.writing() as tx:
        await people.set_cap(tx, caller.require_user(), amount, backends.clock.now())


async def remove_cap(backends: Backends, caller: Caller, currency: str) -> None:
    async with backends.database.writing() as tx:
        await people.remove_cap(tx, caller.require_user(), currency)


async def require_within_cap(tx: Writer, user_id: UUID, amount: Money, now: datetime) -> None:
    """Locks the cap: of two tabs that spend at once, the second counts what the first one took."""
    cap = await people.lock_cap(tx, user_id, amount.currency)
    if cap is None:
        return
    spent = await _spent(tx, user_id, amount.currency, now)
    if spent + amount > cap:
        left = max(cap - spent, Money(0, cap.currency))
        raise SpendCapReached(
            f"This is more than you let yourself spend in a month: of {plain(cap)} {cap.currency} there are {plain(left)} left. "
            "You can change that under Your money."
        )


async def _spent(reader: Reader, user_id: UUID, currency: str, now: datetime) -> Money:
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    under_way = await holds.held(reader, user_id, currency, now)
    return Money(await orders.spent(reader, user_id, currency, start, now) + under_way, currency)
