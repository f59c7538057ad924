"""Plain renewals of a stretch of events, settled together: one transaction, and a handful of statements whatever their number.

A renewal is plain when it is paid, nobody knows of its invoice yet or its order is settled, and it changes nothing of the membership
but its period (`renewing`). Everything else, and all of them when anything goes wrong here, is left to be taken alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event, Subscription
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.creators.service import lookup
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.models import Transaction
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.service import renewing
from directfanz.domains.memberships.service.renewing import NotAlone, Renewal
from directfanz.domains.payments.policy import entries
from directfanz.domains.payments.repository import dunning, orders
from directfanz.domains.payments.repository import events as kept
from directfanz.domains.payments.repository.orders import NewOrder, Settled
from directfanz.domains.payments.service import issuing, settling, telling
from directfanz.domains.payments.service.events.invoices import FIRST, Truth, period_of, title_of
from directfanz.domains.payments.service.issuing import Bill
from directfanz.kit.ids import new_id


class Told(NamedTuple):
    """An event about a subscription, or about an invoice of one (`truth`)."""

    event: Event
    said: Subscription
    asked_at: datetime
    truth: Truth | None


async def take(backends: Backends, told: Sequence[Told]) -> dict[str, bool]:
    """By the event's id whether it was new, of those that went together; the others are not in it."""
    plain = await _plain(backends.database, told)
    if len(plain) < 2:
        return {}

    async def work(tx: Writer) -> set[str]:
        new = await kept.take_all(tx, [each.event for each in plain], backends.clock.now(), handled=True)
        await _settle(backends, tx, [each for each in plain if each.event.id in new])
        return new

    new = await backends.database.run(work)
    return {each.event.id: each.event.id in new for each in plain}


async def _plain(reader: Reader, told: Sequence[Told]) -> list[Told]:
    known = await orders.invoices_known(reader, [each.truth.invoice.id for each in told if each.truth])
    fitting = [
        each for each in told if each.truth is None or (_fits(each.truth) and known.get(each.truth.invoice.id, True))
    ]
    chosen = _one_of_each(fitting)
    going = await renewing.plain(reader, list(chosen.values()))
    return [each for each in fitting if each.said.id in going and _period(each) in (None, chosen[each.said.id].paid)]


def _one_of_each(told: Sequence[Told]) -> dict[str, Renewal]:
    """What all news of a subscription come to. Of two periods the first; the other comes after it."""
    found: dict[str, Renewal] = {}
    for each in sorted(told, key=lambda each: each.truth is None):
        found.setdefault(each.said.id, Renewal(said=each.said, asked_at=each.asked_at, paid=_period(each)))
    return found


def _period(each: Told) -> tuple[datetime, datetime] | None:
    return period_of(each.truth.invoice) if each.truth else None


def _fits(truth: Truth) -> bool:
    """Somebody's card paid for it, and it is not what a membership begins with."""
    payment, said = truth.payment, truth.invoice
    charged = payment is not None and payment.state == "succeeded" and payment.amount.minor > 0
    return charged and said.state == "paid" and said.reason != FIRST


async def _settle(backends: Backends, tx: Writer, new: Sequence[Told]) -> None:
    if not new:
        return
    rows = await renewing.renew_all(backends, tx, list(_one_of_each(new).values()))
    truths = {each.truth.invoice.id: each.truth for each in new if each.truth}
    if not truths:
        return
    known = await orders.invoices_known(tx, list(truths))
    if not all(known.values()):
        raise NotAlone
    fresh = [truth for name, truth in truths.items() if name not in known]
    await _book(backends, tx, [(truth, rows[truth.subscription.id]) for truth in fresh])
    await dunning.recovered_all(tx, list(truths), backends.clock.now())


async def _book(backends: Backends, tx: Writer, fresh: Sequence[tuple[Truth, Membership]]) -> None:
    """What `settling` does for one order, in its order of locks."""
    if not fresh:
        return
    creators = await lookup.by_ids_even_closed(tx, list({row.creator_id for _, row in fresh}))
    people = await people_of(tx, list({row.user_id for _, row in fresh}))
    new: list[tuple[NewOrder, Settled]] = []
    bills: list[tuple[UUID, Bill]] = []
    posted: list[Transaction] = []
    for truth, row in fresh:
        creator, buyer = creators[row.creator_id], people.get(row.user_id)
        subtotal, discount, total = settling.amounts_of(truth.invoice, truth.payment)
        paid, shares = settling.worked_out(
            backends, creator, truth.payment, subtotal, discount, truth.invoice.tax, total, truth.invoice.id
        )
        order = _order(truth, row)
        new.append((order, paid))
        held = settling.held(paid.paid_at, creator, truth.payment)
        posted.append(entries.paid(order.id, creator.id, shares, paid.paid_at, held))
        bill = Bill(
            order_id=order.id, title=order.title, paid=paid, seller=creator, buyer=buyer.display_name if buyer else "",
            paid_with=settling.card_of(truth.payment),
        )  # fmt: skip
        bills.append((row.user_id, bill))
    if await orders.insert_paid(tx, new) != len(new):
        raise NotAlone
    await ledger.post_all(tx, posted)
    await telling.receipts(backends, tx, bills)
    await issuing.invoices(backends, tx, [bill for _, bill in bills])
    backends.telemetry.counter("orders_paid_total").add(len(new), kind="membership")


def _order(truth: Truth, row: Membership) -> NewOrder:
    said = truth.invoice
    return NewOrder(
        id=new_id(), user_id=row.user_id, creator_id=row.creator_id, kind="membership", membership_id=row.id, title=title_of(said),
        subtotal=said.subtotal, discount=min(said.discount, said.subtotal), created_at=said.created_at, expires_at=None,
        invoice=said.id,
    )  # fmt: skip
