"""Money goes back: whole or in part, never more than was paid, with its effect on access.

First it is written and set aside, under a lock on the order; then the provider is asked with a key made of the refund. What the
provider says, now or in an event, is written by the same function.
"""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Refund as TheirRefund
from directfanz.backends.database.contract import Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.service import team
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.ledger import service as ledger
from directfanz.domains.memberships.service import following, gifts
from directfanz.domains.payments.errors import AmountRefused, NoSuchOrder, NotRefundable
from directfanz.domains.payments.models import Order, OrderState, Refund
from directfanz.domains.payments.policy import entries
from directfanz.domains.payments.policy.sharing import Back, of_refund
from directfanz.domains.payments.repository import disputes, orders, refund_requests, refunds
from directfanz.domains.payments.service import issuing, telling
from directfanz.domains.payments.service.delivering import deliver
from directfanz.errors import Detail, NotFound, Rejected
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money, plain


async def refund(
    backends: Backends, caller: Caller, order_id: UUID, amount: Money | None = None, reason: str = "", key: str = ""
) -> Refund:
    """By the creator's team or an operator. Without an amount, all that is left."""
    asked = await ask(backends, caller, order_id, amount, reason, key)
    return await send(backends, asked.id)


async def ask(
    backends: Backends, caller: Caller, order_id: UUID, amount: Money | None, reason: str, key: str = ""
) -> Refund:
    async def write(tx: Writer) -> Refund:
        order = await orders.lock(tx, order_id)
        if order is None:
            raise no_such_order()
        await _require_may(tx, caller, order)
        known = await refunds.by_key(tx, order.id, key) if key else None
        if known is not None:
            return known
        wanted = await begin(backends, tx, order, amount, reason, caller.user_id, key or None)
        await audit.record(
            tx, actor=caller.user_id, action="payments.refunded", target=order.user_id, order=str(order.id),
            amount=wanted.amount.minor, currency=wanted.amount.currency,
        )  # fmt: skip
        return wanted

    return await backends.database.run(write)


async def begin(
    backends: Backends, tx: Writer, order: Order, amount: Money | None, reason: str, by: UUID | None, key: str | None,
    refund: str | None = None,
) -> Refund:  # fmt: skip
    """The order is locked. `refund`: the provider made it already."""
    wanted, now = amount or order.refundable, backends.clock.now()
    await _require_refundable(tx, order, wanted)
    shares = of_refund(order.total, order.tax, order.fee, order.back, wanted)
    new = Refund(
        id=new_id(), order_id=order.id, amount=wanted, tax_part=shares.tax, fee_part=shares.platform, reason=reason.strip()[:500],
        asked_by=by, state="asked", refund=refund, problem=None, created_at=now, settled_at=None,
    )  # fmt: skip
    await refunds.insert(tx, new, key)
    await refund_requests.approved_by_refund(tx, order.id, new.id, by, now)
    hold = await ledger.hold_of(tx, order.id, order.creator_id)
    await ledger.post(tx, entries.refund_asked(new.id, order, shares, now, hold))
    await _set_back(tx, order, wanted, shares.tax, shares.platform)
    return new


async def send(backends: Backends, refund_id: UUID) -> Refund:
    """Asks the provider; asked twice it is one refund. Lost on the way, a job asks again."""
    async with backends.database.writing() as tx:
        row = _there(await refunds.find(tx, refund_id))
        order = await orders.find(tx, row.order_id)
    if row.state != "asked" or order is None or order.payment is None:
        return row
    about = {"refund": str(row.id), "order": str(order.id)}
    try:
        said = await backends.billing.refund(order.payment, row.amount, metadata=about, key=f"refund/{row.id}")
    except Rejected as refused:
        return await _give_up(backends, row.id, refused.message)
    async with backends.database.writing() as tx:
        await is_now(backends, tx, said)
        return _there(await refunds.find(tx, refund_id))


async def is_now(backends: Backends, tx: Writer, said: TheirRefund) -> None:
    """What the provider says of a refund, also of one that was made on its own pages."""
    row = await _ours(tx, said)
    order_id = row.order_id if row else await orders.id_by(tx, payment=said.payment)
    order = await orders.lock(tx, order_id) if order_id else None
    if order is None:
        return  # of a payment that is not ours
    row = await _ours(tx, said)  # again, under the lock
    if row is None:
        if said.state in ("failed", "canceled"):
            return
        row = await begin(backends, tx, order, said.amount, "Made at the billing provider", None, None, said.id)
        order = await orders.lock(tx, order.id) or order
    await _become(backends, tx, order, row, said)


async def _become(backends: Backends, tx: Writer, order: Order, row: Refund, said: TheirRefund) -> None:
    now = backends.clock.now()
    if said.state in ("failed", "canceled"):
        if row.state != "failed":
            await _failed(backends, tx, order, row, said.id, "The bank of the fan did not take it.")
        return
    if row.state == "asked":
        await refunds.move(tx, row.id, ["asked"], "sent", refund=said.id, problem=None, settled_at=None)
        await ledger.post(tx, entries.refund_sent(row, now))
        await effect(backends, tx, order)
        await issuing.credit_note(backends, tx, order, row)
        await telling.refunded(backends, tx, order, row)
        backends.telemetry.counter("refunds_total").add()
    if said.state == "succeeded":
        await refunds.move(tx, row.id, ["sent"], "done", refund=said.id, problem=None, settled_at=now)


async def _failed(backends: Backends, tx: Writer, order: Order, row: Refund, name: str | None, problem: str) -> None:
    now = backends.clock.now()
    await refunds.move(tx, row.id, ["asked", "sent", "done"], "failed", refund=name, problem=problem, settled_at=now)
    if row.state != "asked":
        await ledger.post(tx, entries.refund_back(row, now))
    hold = await ledger.hold_of(tx, order.id, order.creator_id)
    await ledger.post(tx, entries.refund_failed(row, order.creator_id, now, hold))
    await _set_back(tx, order, -row.amount, -row.tax_part, -row.fee_part)
    if order.kind == "purchase" and order.refunded >= order.total:
        await deliver(backends, tx, order)  # it was taken away when the money seemed gone
    await telling.refund_failed(backends, tx, order, row)


async def _give_up(backends: Backends, refund_id: UUID, problem: str) -> Refund:
    """The provider refuses for good: what was set aside goes back to where it was."""
    async with backends.database.writing() as tx:
        row = _there(await refunds.find(tx, refund_id))
        order = await orders.lock(tx, row.order_id)
        row = _there(await refunds.find(tx, refund_id))
        if row.state == "asked" and order is not None:
            await _failed(backends, tx, order, row, None, problem)
        return _there(await refunds.find(tx, refund_id))


async def _set_back(tx: Writer, order: Order, amount: Money, tax: Money, fee: Money) -> None:
    back = Back(amount=order.refunded + amount, tax=order.refunded_tax + tax, fee=order.refunded_fee + fee)
    await orders.set_back(tx, order.id, back, state_after(order.total, back.amount))


def state_after(total: Money, back: Money) -> OrderState:
    if back.minor == 0:
        return "paid"
    return "refunded" if back >= total else "part_refunded"


async def effect(backends: Backends, tx: Writer, order: Order) -> None:
    """What was given back whole is had no longer."""
    whole = order.refunded >= order.total
    if order.membership_id:
        await following.refunded(backends, tx, order.membership_id, whole=whole)
    elif whole and order.gift_id:
        await gifts.refunded(backends, tx, order.gift_id)
    elif whole and order.kind == "purchase":
        await entitlements.end(backends, tx, "purchase", order.id, backends.clock.now(), "refunded")


async def _ours(tx: Writer, said: TheirRefund) -> Refund | None:
    found = await refunds.by_name(tx, said.id)
    if found is not None:
        return found
    try:
        return await refunds.find(tx, UUID(said.metadata.get("refund", "")))
    except ValueError:
        return None


async def _require_may(tx: Writer, caller: Caller, order: Order) -> None:
    """To everybody else the order is not there."""
    caller.require_user()
    if caller.role == "admin":
        return
    if await team.role_of(tx, caller, order.creator_id) is None:
        raise no_such_order()
    await team.require(tx, caller, order.creator_id, "money")


async def _require_refundable(tx: Writer, order: Order, amount: Money) -> None:
    if order.paid_at is None or order.payment is None:
        raise NotRefundable("Nothing was paid for this, so nothing can go back.")
    if amount.currency != order.total.currency:
        raise _refused(f"This was paid in {order.total.currency}.", f"Give an amount of {order.total.currency}.")
    if await disputes.open_of(tx, order.id):
        raise NotRefundable("The bank of the fan holds this money while the dispute goes on. Answer the dispute.")
    left = order.refundable
    if left.minor == 0:
        raise NotRefundable("All of it went back already.")
    if not 0 < amount.minor <= left.minor:
        words = f"{plain(left)} {left.currency}"
        raise _refused(f"Between nothing and {words} can go back.", f"Give an amount up to {words}.")


def _refused(problem: str, suggestion: str) -> AmountRefused:
    return AmountRefused(problem, Detail("amount", problem, suggestion))


def no_such_order() -> NoSuchOrder:
    return NoSuchOrder("There is no such order.")


def _there(row: Refund | None) -> Refund:
    if row is None:
        raise NotFound("There is no such refund.")
    return row
