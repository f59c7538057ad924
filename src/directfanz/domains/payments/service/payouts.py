"""Creators are paid each day what is available to them, each entry once.

    draft: taken out of what is available -> transferred: at the provider, in the creator's account -> submitted: on its way to the
    bank -> paid. What fails goes back: failed -> returned.

Each step asks the provider with a key made of the payout, and is written by a conditional update with its ledger entry. Killed
between any two, the next run goes on from what is written.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import BalanceTooLow
from directfanz.backends.billing.contract import Payout as TheirPayout
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.service import lookup
from directfanz.domains.ledger import service as ledger
from directfanz.domains.payments.models import Payout
from directfanz.domains.payments.policy import entries
from directfanz.domains.payments.repository import payouts
from directfanz.domains.payments.service import telling
from directfanz.errors import DirectFanzError, Rejected
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money, decimals

log = logging.getLogger("directfanz.payments")
AT_ONCE = 500
# A key at the provider lives for a day. What hangs longer is for an operator to look at: asked again it might be paid twice.
KEY_LIVES = timedelta(hours=20)


async def run(backends: Backends) -> int:
    """Begins what is due, then takes everything under way one step after the other; how many were begun."""
    begun = 0
    async with backends.database.reading() as reader:
        payable = await ledger.who_can_be_paid(reader)
    for creator_id, amount in payable:
        begun += await _begin(backends, creator_id, amount.currency)
    await go_on(backends)
    return begun


async def go_on(backends: Backends) -> None:
    async with backends.database.reading() as reader:
        waiting = await payouts.under_way(reader, AT_ONCE)
    for each in waiting:
        try:
            await _advance(backends, each)
        except DirectFanzError as error:
            log.warning("payout %s waits: %s", each.id, error.message)


def least(backends: Backends, currency: str) -> Money:
    units = backends.platform.charges.payout_least_units
    return Money(units * 10 ** decimals(currency) if decimals(currency) else units * 100, currency)


async def _begin(backends: Backends, creator_id: UUID, currency: str) -> bool:
    """Whoever takes the entries out of the list of what is unpaid has them; a second run finds none."""

    async def write(tx: Writer) -> bool:
        creator = await lookup.by_id_even_closed(tx, creator_id)
        if creator.account is None or not creator.can_be_paid or creator.state == "suspended":
            return False
        items = await ledger.take_for_payout(tx, creator_id, currency)
        amount = Money(sum(each.amount.minor for each in items), currency)
        if amount < least(backends, currency):
            raise TooLittle("Less than the least that is paid out.")
        new = Payout(
            id=new_id(), creator_id=creator_id, account=creator.account, amount=amount, state="draft", transfer=None, payout=None,
            failure=None, first_tried_at=None, created_at=backends.clock.now(), arrives_at=None, ended_at=None,
        )  # fmt: skip
        await payouts.insert(tx, new, items)
        return await ledger.post(tx, entries.payout_begun(new))

    try:
        return await backends.database.run(write)
    except TooLittle:
        return False


class TooLittle(DirectFanzError):
    """Undoes the transaction: the entries stay where they were."""


async def _advance(backends: Backends, row: Payout) -> None:
    if row.state == "draft":
        row = await _transfer(backends, row)
    if row.state == "transferred":
        row = await _submit(backends, row)
    if row.state == "failed":
        await _return(backends, row)


async def _transfer(backends: Backends, row: Payout) -> Payout:
    key = await _key(backends, row, "transfer")
    try:
        done = await backends.billing.transfer(row.account, row.amount, metadata=_about(row), key=key)
    except BalanceTooLow:
        await _not_yet(backends, row)
        raise
    except Rejected as refused:
        return await _given_back(backends, row, refused.message)
    async with backends.database.writing() as tx:
        await transferred(backends, tx, row.id, done.id)
        return await _get(tx, row.id)


async def transferred(backends: Backends, tx: Writer, payout_id: UUID, transfer: str) -> None:
    """By the answer, or by the event when the answer was lost."""
    if await payouts.move(tx, payout_id, "draft", "transferred", transfer=transfer):
        await ledger.post(tx, entries.payout_transferred(await _get(tx, payout_id), backends.clock.now()))


async def _submit(backends: Backends, row: Payout) -> Payout:
    key = await _key(backends, row, "pay")
    try:
        said = await backends.billing.pay_out(row.account, row.amount, metadata=_about(row), key=key)
    except BalanceTooLow:
        await _not_yet(backends, row)
        raise
    except Rejected as refused:
        async with backends.database.writing() as tx:
            await payouts.move(tx, row.id, "transferred", "failed", failure=refused.message)
            return await _get(tx, row.id)
    async with backends.database.writing() as tx:
        await is_now(backends, tx, said)
        return await _get(tx, row.id)


async def is_now(backends: Backends, tx: Writer, said: TheirPayout) -> None:
    """What the provider says of money on its way to a bank."""
    row = await _ours(tx, said)
    if row is None:
        return  # made by hand in the creator's own account
    if row.state == "transferred" and await payouts.move(
        tx, row.id, "transferred", "submitted", payout=said.id, arrives_at=said.arrives_at
    ):
        await telling.payout(backends, tx, await _get(tx, row.id), "payments.payout_sent")
        backends.telemetry.counter("payouts_total").add(state="submitted")
    row = await _get(tx, row.id)
    if said.state == "paid" and row.state == "submitted":
        await payouts.move(tx, row.id, "submitted", "paid", arrives_at=said.arrives_at, ended_at=backends.clock.now())
    elif said.state in ("failed", "canceled") and row.state in ("submitted", "paid"):
        why = said.failure or "The bank sent it back."
        await payouts.move(tx, row.id, row.state, "failed", failure=why)
        await telling.payout(backends, tx, await _get(tx, row.id), "payments.payout_failed")
        backends.telemetry.counter("payouts_total").add(state="failed")


async def _return(backends: Backends, row: Payout) -> Payout:
    """Out of the creator's account into their balance here, to be paid again when the reason is gone."""
    if row.transfer is not None:
        await backends.billing.take_back(row.transfer, row.amount, key=f"payout/{row.id}/back")
    return await _given_back(backends, row, row.failure or "")


async def _given_back(backends: Backends, row: Payout, why: str) -> Payout:
    async with backends.database.writing() as tx:
        now = backends.clock.now()
        if await payouts.move(tx, row.id, row.state, "returned", failure=why, ended_at=now):
            await ledger.post(tx, entries.payout_returned(row, now))
            if row.state == "draft":
                await telling.payout(backends, tx, await _get(tx, row.id), "payments.payout_failed")
        return await _get(tx, row.id)


async def _not_yet(backends: Backends, row: Payout) -> None:
    """The provider said for certain that nothing was done, and its key has this answer for good: the next try has another."""
    async with backends.database.writing() as tx:
        await payouts.begin_again(tx, row.id)


async def _key(backends: Backends, row: Payout, step: str) -> str:
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        first = await payouts.tried(tx, row.id, now)
    if now - first > KEY_LIVES:
        raise PayoutHangs(
            f"The payout {row.id} hangs since {first:%-d %B %H:%M}. Compare it with the provider's pages."
        )
    return f"payout/{row.id}/{step}/{int(first.timestamp())}"


class PayoutHangs(DirectFanzError):
    code = "payout_hangs"


async def _ours(tx: Writer, said: TheirPayout) -> Payout | None:
    found = await payouts.by_name(tx, said.id)
    if found is not None:
        return found
    try:
        found = await payouts.find(tx, UUID(said.metadata.get("payout", "")))
    except ValueError:
        return None
    return found if found and found.account == said.account else None


async def _get(tx: Writer, payout_id: UUID) -> Payout:
    row = await payouts.find(tx, payout_id)
    assert row is not None
    return row


def _about(row: Payout) -> dict[str, str]:
    return {"payout": str(row.id), "creator": str(row.creator_id)}
