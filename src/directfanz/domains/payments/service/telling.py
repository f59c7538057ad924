"""What fans and creators are told about money."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service.contacts import people_of
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import lookup
from directfanz.domains.notifications.service import notify
from directfanz.domains.notifications.service.many import Telling, notify_each
from directfanz.domains.payments.events import TIP_MOVED, TipMoved
from directfanz.domains.payments.models import Dispute, Dunning, Goal, Order, Payout, Refund, RefundRequest
from directfanz.domains.payments.service.issuing import Bill
from directfanz.kit.money import Money, plain


def words(amount: Money) -> str:
    return f"{plain(amount)} {amount.currency}"


async def paid(backends: Backends, tx: Writer, order: Order, creator: Creator, buyer: str) -> None:
    if order.total.minor == 0:
        return
    await notify(
        backends, tx, order.user_id, "payments.receipt", dedupe=f"paid {order.id}", link=f"/money/orders/{order.id}",
        amount=words(order.total), what=order.title,
    )  # fmt: skip
    if order.kind in ("tip", "purchase") and creator.state != "closed":
        owner = await lookup.owner_of(tx, creator.id)
        await notify(
            backends, tx, owner, f"payments.{order.kind}_received", dedupe=f"received {order.id}", link=studio(creator),
            name=buyer or "Somebody", amount=words(order.total - order.tax), what=order.title,
            message=order.message,
        )  # fmt: skip
    await _tell_room(backends, tx, order, is_back=False)


async def receipts(backends: Backends, tx: Writer, bills: Sequence[tuple[UUID, Bill]]) -> None:
    """As `paid`, for many periods of memberships: their creators are told in their statements, not one by one."""
    told = [
        Telling(
            user_id=user_id, dedupe=f"paid {bill.order_id}", link=f"/money/orders/{bill.order_id}",
            facts={"amount": words(bill.paid.total), "what": bill.title},
        )
        for user_id, bill in bills
    ]  # fmt: skip
    await notify_each(backends, tx, "payments.receipt", told)


async def refunded(backends: Backends, tx: Writer, order: Order, refund: Refund) -> None:
    if order.state == "refunded":
        await _tell_room(backends, tx, order, is_back=True)
    await notify(
        backends, tx, order.user_id, "payments.refunded", dedupe=f"refund {refund.id}", link=f"/money/orders/{order.id}",
        amount=words(refund.amount), what=order.title,
    )  # fmt: skip


async def goal_ended(backends: Backends, tx: Writer, goal: Goal) -> None:
    await _owner(
        backends, tx, goal.creator_id, "payments.goal_ended", f"goal {goal.id}", "goals", what=goal.title,
        raised=words(goal.raised), target=words(goal.target),
    )  # fmt: skip


async def page_closed(backends: Backends, tx: Writer, order: Order, refund: Refund) -> None:
    await notify(
        backends, tx, order.user_id, "payments.page_closed", dedupe=f"closed {refund.id}", link=f"/money/orders/{order.id}",
        page=order.title, amount=words(refund.amount),
    )  # fmt: skip


async def refund_asked_for(backends: Backends, tx: Writer, order: Order, asked: RefundRequest) -> None:
    name = (await people_of(tx, [asked.user_id])).get(asked.user_id)
    creator = await lookup.by_id_even_closed(tx, order.creator_id)
    if creator.state == "closed":
        return  # an operator answers
    owner = await lookup.owner_of(tx, creator.id)
    await notify(
        backends, tx, owner, "payments.refund_asked_for", dedupe=f"asked back {asked.id}", link=f"/money/orders/{order.id}",
        name=name.display_name if name else "Somebody", amount=words(order.refundable), what=order.title,
        reason=asked.reason, due=f"{asked.due_at:%-d %B %Y}",
    )  # fmt: skip


async def refund_declined(
    backends: Backends, tx: Writer, order: Order, asked: RefundRequest, answer: str, *, final: bool
) -> None:
    kind = "payments.refund_declined_for_good" if final else "payments.refund_declined"
    await notify(
        backends, tx, asked.user_id, kind, dedupe=f"declined {asked.id}", link=f"/money/orders/{order.id}", what=order.title,
        answer=answer,
    )  # fmt: skip


async def refund_escalated(backends: Backends, tx: Writer, asked: RefundRequest) -> None:
    await notify(
        backends, tx, asked.user_id, "payments.refund_escalated", dedupe=f"escalated {asked.id}",
        link=f"/money/orders/{asked.order_id}",
    )  # fmt: skip


async def _tell_room(backends: Backends, tx: Writer, order: Order, *, is_back: bool) -> None:
    if order.kind != "tip" or order.object_id is None:
        return
    told = TipMoved(
        order_id=order.id, room_id=order.object_id, user_id=order.user_id, amount=words(order.subtotal), message=order.message,
        is_back=is_back,
    )  # fmt: skip
    await backends.jobs.enqueue(tx, TIP_MOVED.job, told)


async def refund_failed(backends: Backends, tx: Writer, order: Order, refund: Refund) -> None:
    await _owner(
        backends, tx, order.creator_id, "payments.refund_failed", f"refund failed {refund.id}", amount=words(refund.amount),
        what=order.title,
    )  # fmt: skip


async def disputed(backends: Backends, tx: Writer, order: Order, dispute: Dispute) -> None:
    due = f"{dispute.due_at:%-d %B %Y}" if dispute.due_at else "soon"
    await _owner(
        backends, tx, order.creator_id, "payments.disputed", f"dispute {dispute.id}", "disputes", amount=words(dispute.amount),
        what=order.title, due=due,
    )  # fmt: skip


async def dispute_decided(backends: Backends, tx: Writer, order: Order, dispute: Dispute) -> None:
    kind = f"payments.dispute_{dispute.state}"
    await _owner(
        backends,
        tx,
        order.creator_id,
        kind,
        f"{kind} {dispute.id}",
        "disputes",
        amount=words(dispute.amount),
        what=order.title,
    )


async def payout(backends: Backends, tx: Writer, payout: Payout, kind: str) -> None:
    when = f"{payout.arrives_at:%-d %B %Y}" if payout.arrives_at else "in a few days"
    await _owner(
        backends, tx, payout.creator_id, kind, f"{kind} {payout.id}", f"payouts/{payout.id}", amount=words(payout.amount), when=when,
        why=payout.failure or "",
    )  # fmt: skip


async def card_gave_up(backends: Backends, tx: Writer, dunning: Dunning) -> None:
    await notify(
        backends, tx, dunning.user_id, "payments.gave_up", dedupe=f"gave up {dunning.id}", link="/money",
        amount=words(dunning.amount),
    )  # fmt: skip


def studio(creator: Creator, page: str = "") -> str:
    return f"/studio/{creator.slug}/money{'/' + page if page else ''}"


async def _owner(
    backends: Backends, tx: Writer, creator_id: UUID, kind: str, dedupe: str, page: str = "", **facts: str
) -> None:
    creator = await lookup.by_id_even_closed(tx, creator_id)
    if creator.state == "closed":
        return  # nobody is there to be told
    owner = await lookup.owner_of(tx, creator_id)
    await notify(backends, tx, owner, kind, dedupe=dedupe, link=studio(creator, page), page=creator.name, **facts)
