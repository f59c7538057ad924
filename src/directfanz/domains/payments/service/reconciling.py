"""Each night the provider's account is laid beside our book, line by line. Nothing may be left over on either side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from directfanz.backends import Backends
from directfanz.backends.billing.contract import BalanceMove
from directfanz.backends.database.contract import Writer
from directfanz.domains.ledger import service as ledger
from directfanz.domains.payments.models import Difference, Reconciliation
from directfanz.domains.payments.policy import entries
from directfanz.domains.payments.repository import moves
from directfanz.domains.payments.service import sweeping
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

# Lines younger than this may have their event still on the way.
YOUNG = timedelta(minutes=15)
BACK = timedelta(days=3)
LOOKS_BACK = timedelta(days=35)
AT_ONCE = 1000
# The platform's own: money taken to its bank, the provider's bills.
OF_THE_PLATFORM = ("payout", "payout_failure", "payout_cancel", "stripe_fee", "topup", "topup_reversal", "contribution")


async def reconcile(backends: Backends, since: datetime | None = None) -> Reconciliation:
    now = backends.clock.now()
    start = since or await _since(backends, now)
    await sweeping.events(backends, start)  # what never arrived is no difference, only late
    count = await _fetch(backends, start, now + timedelta(seconds=1))
    held = {each.currency: each.minor for each in await backends.billing.balance()}

    async def compare(tx: Writer) -> Reconciliation:
        await moves.match(tx)
        await _book_platforms_own(tx, now)
        await moves.match(tx)
        balances = await _balances(tx, held)
        done = Reconciliation(
            id=new_id(), at=now, since=start, until=now, moves=count, balances=balances,
            differences=await _differences(tx, now) + [each for each in balances if each.theirs != each.ours],
        )  # fmt: skip
        await moves.insert(tx, done)
        return done

    done = await backends.database.run(compare)
    backends.telemetry.gauge("reconciliation_differences").set(len(done.differences))
    return done


async def _since(backends: Backends, now: datetime) -> datetime:
    """Far enough back to meet the last comparison, also after nights without one."""
    before = await newest(backends, 1)
    return min(now - BACK, before[0].until - BACK) if before else now - LOOKS_BACK


async def newest(backends: Backends, limit: int = 14) -> list[Reconciliation]:
    async with backends.database.reading() as reader:
        return await moves.newest(reader, limit)


async def _fetch(backends: Backends, since: datetime, until: datetime) -> int:
    count, stretch = 0, list[BalanceMove]()
    async for move in backends.billing.balance_moves(since, until):
        stretch.append(move)
        count += 1
        if len(stretch) == AT_ONCE:
            await _keep(backends, stretch)
            stretch = []
    await _keep(backends, stretch)
    return count


async def _keep(backends: Backends, stretch: Sequence[BalanceMove]) -> None:
    if stretch:
        async with backends.database.writing() as tx:
            await moves.keep(tx, stretch)


async def _book_platforms_own(tx: Writer, now: datetime) -> None:
    for row in await moves.alone(tx, now + timedelta(seconds=1), OF_THE_PLATFORM):
        move, net, currency = row[0], row[3], row[4]
        if net:
            await ledger.post(tx, entries.platform_moved(move, Money(net, currency), row[5]))


async def _differences(tx: Writer, now: datetime) -> list[Difference]:
    old = now - YOUNG
    found = [
        Difference(
            what="unknown move", reference=f"{row[1]} {row[0]} of {row[2]}", theirs=row[3], ours=None, currency=row[4]
        )
        for row in await moves.alone(tx, old)
    ]
    found += [
        Difference(
            what="another amount", reference=f"{row[0]} for {row[1]}", theirs=row[2], ours=row[3], currency=row[4]
        )
        for row in await moves.other_amounts(tx, now - LOOKS_BACK)
    ]
    found += [
        Difference(what="no move", reference=row[0], theirs=None, ours=row[1], currency=row[2])
        for row in await moves.without_move(tx, now - LOOKS_BACK, old)
    ]
    return found


async def _balances(tx: Writer, held: dict[str, int]) -> list[Difference]:
    """What the provider holds for us rises when these two accounts fall."""
    ours: dict[str, int] = {}
    for (account, currency), minor in (await ledger.totals(tx)).items():
        if account in ("provider", "provider_fees"):
            ours[currency] = ours.get(currency, 0) - minor
    return [
        Difference(what="balance", reference="balance", theirs=held.get(code, 0), ours=ours.get(code, 0), currency=code)
        for code in sorted({*held, *ours})
        if held.get(code, 0) or ours.get(code, 0)
    ]
