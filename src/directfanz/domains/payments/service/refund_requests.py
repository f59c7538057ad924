"""A fan asks for their money back, with a reason. The page says yes or no within a week; what it leaves, or declines and the fan asks
once more, is an operator's to decide, for good. A yes is a refund like any other.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.service import team
from directfanz.domains.payments.errors import NoSuchRefundRequest, NotRefundable
from directfanz.domains.payments.models import Order, Refund, RefundRequest
from directfanz.domains.payments.repository import disputes, orders
from directfanz.domains.payments.repository import refund_requests as requests
from directfanz.domains.payments.service import refunds, telling
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

ASKED_WITHIN = timedelta(days=60)
ANSWERED_WITHIN = timedelta(days=7)
LONGEST = 500
AT_ONCE = 200


async def ask(backends: Backends, caller: Caller, order_id: UUID, reason: str) -> RefundRequest:
    """For what one paid oneself. Asked twice it is one request."""
    user_id, words = caller.require_user(), _words(reason, "reason", "Say what is wrong, in a sentence.")
    async with backends.database.writing() as tx:
        order = await orders.lock(tx, order_id)
        if order is None or order.user_id != user_id:
            raise refunds.no_such_order()
        before = await requests.newest_of_order(tx, order_id)
        if before is not None and before.waits:
            return before
        await _require_askable(backends, tx, order, before)
        now = backends.clock.now()
        new = RefundRequest(
            id=new_id(), order_id=order.id, creator_id=order.creator_id, user_id=user_id, reason=words,
            state="escalated" if before is not None and before.state == "declined" else "open", asked_at=now,
            due_at=now + ANSWERED_WITHIN,
        )  # fmt: skip
        await requests.insert(tx, new)
        if new.state == "open":
            await telling.refund_asked_for(backends, tx, order, new)
        await audit.record(tx, actor=user_id, action="payments.refund_asked_for", target=user_id, order=str(order.id))
        return new


async def withdraw(backends: Backends, caller: Caller, request_id: UUID) -> None:
    async with backends.database.writing() as tx:
        row = _there(await requests.lock(tx, request_id))
        if row.user_id != caller.require_user():
            raise no_such_request()
        await requests.answer(tx, row.id, "withdrawn", "", caller.user_id, backends.clock.now(), final=False)


async def approve(backends: Backends, caller: Caller, request_id: UUID, amount: Money | None = None) -> Refund:
    """Without an amount all that is left. Twice, or by two at once, it is one refund."""

    async def write(tx: Writer) -> Refund:
        row, order = await _to_answer(tx, caller, request_id)
        done = await refunds.begin(backends, tx, order, amount, row.reason, caller.user_id, f"request/{row.id}")
        await audit.record(
            tx, actor=caller.user_id, action="payments.refund_approved", target=row.user_id, order=str(order.id),
            amount=done.amount.minor, currency=done.amount.currency,
        )  # fmt: skip
        return done

    return await refunds.send(backends, (await backends.database.run(write)).id)


async def decline(backends: Backends, caller: Caller, request_id: UUID, answer: str) -> RefundRequest:
    words = _words(answer, "answer", "Say why, in a sentence: they read it.")
    async with backends.database.writing() as tx:
        row, order = await _to_answer(tx, caller, request_id)
        final = row.state == "escalated"
        await requests.answer(tx, row.id, "declined", words, caller.user_id, backends.clock.now(), final=final)
        await telling.refund_declined(backends, tx, order, row, words, final=final)
        await audit.record(
            tx, actor=caller.user_id, action="payments.refund_declined", target=row.user_id, order=str(order.id)
        )
        return _there(await requests.find(tx, row.id))


async def waiting_of(backends: Backends, caller: Caller, creator_id: UUID) -> list[tuple[RefundRequest, Order]]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "money")
        return await _with_orders(tx, await requests.waiting_of(tx, creator_id))


async def escalated(backends: Backends) -> list[tuple[RefundRequest, Order]]:
    """What waits for an operator."""
    async with backends.database.writing() as tx:
        return await _with_orders(tx, await requests.escalated(tx))


async def of_order(backends: Backends, order: Order) -> RefundRequest | None:
    """The newest. Who may see the order may see it."""
    async with backends.database.writing() as tx:
        return await requests.newest_of_order(tx, order.id)


async def may_ask(backends: Backends, order: Order, before: RefundRequest | None) -> bool:
    """For the page: whether there is a form."""
    try:
        async with backends.database.reading() as reader:
            await _require_askable(backends, reader, order, before)
    except NotRefundable:
        return False
    return before is None or not before.waits


async def hand_over_overdue(backends: Backends) -> int:
    """What a page did not answer in time is an operator's."""
    done = 0
    while True:
        async with backends.database.writing() as tx:
            taken = await requests.take_overdue(tx, backends.clock.now(), AT_ONCE)
            for row in taken:
                await telling.refund_escalated(backends, tx, row)
        done += len(taken)
        if len(taken) < AT_ONCE:
            return done


async def _to_answer(tx: Writer, caller: Caller, request_id: UUID) -> tuple[RefundRequest, Order]:
    """The order first, as everybody who moves its money. What is with an operator is answered by one; an operator may always."""
    found = _there(await requests.find(tx, request_id))
    order = await orders.lock(tx, found.order_id)
    row = _there(await requests.lock(tx, request_id))
    if order is None or (caller.role != "admin" and await team.role_of(tx, caller, row.creator_id) is None):
        raise no_such_request()
    if caller.role != "admin":
        await team.require(tx, caller, row.creator_id, "money")
    if not row.waits:
        raise NotRefundable("This was answered already. Load the page again.")
    if row.state == "escalated" and caller.role != "admin":
        raise NotRefundable("This is with the people who run the platform now. You can still give the money back.")
    return row, order


async def _require_askable(backends: Backends, reader: Reader, order: Order, before: RefundRequest | None) -> None:
    if order.paid_at is None or order.payment is None or order.refundable.minor == 0:
        raise NotRefundable("There is nothing of this that could go back.")
    if backends.clock.now() - order.paid_at > ASKED_WITHIN:
        raise NotRefundable(f"This was paid more than {ASKED_WITHIN.days} days ago. Write to the page instead.")
    if before is not None and before.state == "declined" and before.final:
        raise NotRefundable("This was decided by the people who run the platform. It stays so.")
    if await disputes.open_of(reader, order.id):
        raise NotRefundable("Your bank is looking at this payment. It decides.")


async def _with_orders(reader: Reader, rows: list[RefundRequest]) -> list[tuple[RefundRequest, Order]]:
    about = await orders.by_ids(reader, [row.order_id for row in rows])
    return [(row, about[row.order_id]) for row in rows]


def _words(text: str, field: str, suggestion: str) -> str:
    words = text.strip()
    if not 1 <= len(words) <= LONGEST:
        problem = f"This has to be 1 to {LONGEST} characters."
        raise InvalidInput.in_field(field, problem, suggestion)
    return words


def no_such_request() -> NoSuchRefundRequest:
    return NoSuchRefundRequest("There is no such request.")


def _there(row: RefundRequest | None) -> RefundRequest:
    if row is None:
        raise no_such_request()
    return row
