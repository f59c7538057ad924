"""A fan's bank takes a payment back. The money is set aside until it is decided; the creator answers with evidence, once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Dispute as TheirDispute
from directfanz.backends.database.contract import Writer
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import team
from directfanz.domains.ledger import service as ledger
from directfanz.domains.payments.errors import DisputeClosed, NoSuchDispute
from directfanz.domains.payments.models import Dispute, Order
from directfanz.domains.payments.policy import entries
from directfanz.domains.payments.policy.sharing import Back, of_refund
from directfanz.domains.payments.repository import disputes, orders
from directfanz.domains.payments.service import telling
from directfanz.domains.payments.service.refunds import effect, state_after
from directfanz.errors import InvalidInput, Rejected
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

# What a creator can say, in the provider's names.
EVIDENCE = {
    "product_description": "What the fan got",
    "access_activity_log": "When and how they used it",
    "service_date": "The day from which they had it",
    "customer_communication": "What you wrote to each other",
    "refund_policy_disclosure": "Where they were told about refunds",
    "uncategorized_text": "Anything else",
}
LONGEST = 5000


async def is_now(backends: Backends, tx: Writer, said: TheirDispute) -> None:
    """What the provider says of a dispute; older news than ours change nothing."""
    order_id = await orders.id_by(tx, payment=said.payment)
    order = await orders.lock(tx, order_id) if order_id else None
    if order is None:
        return  # of a payment that is not ours
    row = await disputes.by_name(tx, said.id)
    if row is None:
        row = await _open(backends, tx, order, said)
        order = await orders.lock(tx, order.id) or order
    if row.closed_at is None:
        await _become(backends, tx, order, row, said)


async def of_creator(backends: Backends, caller: Caller, creator_id: UUID) -> list[tuple[Dispute, Order]]:
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "money")
        found = await disputes.of_creator(tx, creator_id, 100)
        about = await orders.by_ids(tx, [each.order_id for each in found])
    return [(each, about[each.order_id]) for each in found]


async def get(backends: Backends, caller: Caller, dispute_id: UUID) -> tuple[Dispute, Order, Creator]:
    async with backends.database.writing() as tx:
        row = await disputes.find(tx, dispute_id)
        order = await orders.find(tx, row.order_id) if row else None
        if row is None or order is None or await team.role_of(tx, caller, order.creator_id) is None:
            raise no_such_dispute()
        return row, order, await team.require(tx, caller, order.creator_id, "money")


async def answer(backends: Backends, caller: Caller, dispute_id: UUID, evidence: Mapping[str, str]) -> Dispute:
    """Written first, so that a lost answer of the provider loses no words; then sent."""
    said = {name: text.strip() for name, text in evidence.items() if text.strip()}
    _require_evidence(said)
    row, _, _ = await get(backends, caller, dispute_id)
    now = backends.clock.now()
    async with backends.database.writing() as tx:
        if not await disputes.keep_evidence(tx, dispute_id, said, caller.require_user(), now):
            raise DisputeClosed("This was answered before, or is decided. Evidence can be sent once.")
        await audit.record(
            tx, actor=caller.user_id, action="payments.dispute_answered", target=None, dispute=str(row.id)
        )
    try:
        theirs = await backends.billing.answer_dispute(row.dispute, said, key=f"dispute/{row.id}/evidence")
    except Exception as error:
        async with backends.database.writing() as tx:
            await disputes.take_back_evidence(tx, dispute_id)
        if isinstance(error, Rejected):
            raise DisputeClosed("The bank takes no evidence for this dispute any more.") from error
        raise
    async with backends.database.writing() as tx:
        await is_now(backends, tx, theirs)
        return await disputes.find(tx, dispute_id) or row


async def _open(backends: Backends, tx: Writer, order: Order, said: TheirDispute) -> Dispute:
    """An inquiry takes no money yet."""
    none = Money(0, order.total.currency)
    row = Dispute(
        id=new_id(), order_id=order.id, dispute=said.id, amount=said.amount, fee=none, tax_part=none, fee_part=none, withdrawn=False,
        reason=said.reason, state="warning", due_at=said.due_at, evidence=None, sent_at=None, opened_at=backends.clock.now(),
        closed_at=None,
    )  # fmt: skip
    await disputes.insert(tx, row)
    backends.telemetry.counter("disputes_total").add()
    return row


async def _become(backends: Backends, tx: Writer, order: Order, row: Dispute, said: TheirDispute) -> None:
    now = backends.clock.now()
    if not row.withdrawn and said.state != "warning":
        row = await _withdrawn(backends, tx, order, row, said)
    if said.state == "won":
        await _won(backends, tx, order, row, said)
    elif said.state == "lost":
        await _lost(backends, tx, order, row)
    closed = now if said.state in ("won", "lost") else None
    new = msgspec.structs.replace(row, state=said.state, due_at=said.due_at, closed_at=closed)
    await disputes.update(tx, new)
    if closed:
        await telling.dispute_decided(backends, tx, order, new)
    elif row.state == "warning" and said.state == "needs_response":
        await telling.disputed(backends, tx, order, new)


async def _withdrawn(backends: Backends, tx: Writer, order: Order, row: Dispute, said: TheirDispute) -> Dispute:
    """What went back before is not disputed again."""
    amount = min(said.amount, order.refundable)
    if amount.minor == 0:
        return row
    shares = of_refund(order.total, order.tax, order.fee, order.back, amount)
    taken = msgspec.structs.replace(
        row, amount=amount, fee=said.fee, tax_part=shares.tax, fee_part=shares.platform, withdrawn=True
    )
    hold = await ledger.hold_of(tx, order.id, order.creator_id)
    await ledger.post_all(tx, entries.dispute_opened(taken, order.creator_id, backends.clock.now(), hold))
    await orders.move(tx, order.id, order.state, "disputed")
    return taken


async def _won(backends: Backends, tx: Writer, order: Order, row: Dispute, said: TheirDispute) -> None:
    if not row.withdrawn:
        return
    fee_back = max(row.fee - said.fee, Money(0, row.fee.currency))
    hold = await ledger.hold_of(tx, order.id, order.creator_id)
    await ledger.post_all(tx, entries.dispute_won(row, order.creator_id, fee_back, backends.clock.now(), hold))
    await orders.move(tx, order.id, "disputed", state_after(order.total, order.refunded))


async def _lost(backends: Backends, tx: Writer, order: Order, row: Dispute) -> None:
    """As if it had been given back, and with the same effect."""
    if not row.withdrawn:
        return
    await ledger.post(tx, entries.dispute_lost(row, order.creator_id, backends.clock.now()))
    back = Back(
        amount=order.refunded + row.amount, tax=order.refunded_tax + row.tax_part, fee=order.refunded_fee + row.fee_part
    )
    await orders.set_back(tx, order.id, back, state_after(order.total, back.amount))
    await effect(backends, tx, await orders.lock(tx, order.id) or order)


def _require_evidence(said: Mapping[str, str]) -> None:
    if not said:
        raise InvalidInput.in_field("uncategorized_text", "Say something that the bank can weigh.")
    for name, text in said.items():
        if name not in EVIDENCE:
            raise InvalidInput.in_field(name, f"{name} is no kind of evidence.", f"Use one of {', '.join(EVIDENCE)}.")
        if len(text) > LONGEST:
            raise InvalidInput.in_field(name, f"This is longer than {LONGEST} characters.", "Say it in fewer words.")


def no_such_dispute() -> NoSuchDispute:
    return NoSuchDispute("There is no such dispute.")
