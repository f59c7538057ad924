"""Papers: an invoice when an order is paid, a credit note when money went back. In the transaction of their cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.payments.models import Issued, Order, Paper, PaperLine, Refund
from directfanz.domains.payments.repository import papers
from directfanz.domains.payments.repository.orders import Settled
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was just paid, and what its paper says."""

    order_id: UUID
    title: str
    paid: Settled
    seller: Creator
    buyer: str
    paid_with: str


async def invoice(backends: Backends, tx: Writer, order: Order, seller: Creator, buyer: str, paid_with: str) -> None:
    """Once per order, by whoever settled it. Nothing is issued for what cost nothing."""
    if order.total.minor == 0:
        return
    await _issue(backends, tx, order, _paper(backends, order, order.title, seller, buyer, paid_with), None)


async def invoices(backends: Backends, tx: Writer, bills: Sequence[Bill]) -> None:
    """Of many orders, none of which has one, in two statements. Last in their transaction, as above."""
    now = backends.clock.now()
    wanted = Counter(bill.seller.id for bill in bills)
    free = {
        creator: iter(range(last - wanted[creator] + 1, last + 1))
        for creator, last in (await papers.last_numbers(tx, wanted, now.year)).items()
    }
    await papers.insert_all(
        tx,
        [
            Issued(
                id=new_id(), creator_id=bill.seller.id, year=now.year, number=next(free[bill.seller.id]), kind="invoice",
                order_id=bill.order_id, refund_id=None, issued_at=now,
                paper=_paper(backends, bill.paid, bill.title, bill.seller, bill.buyer, bill.paid_with),
            )
            for bill in bills
        ],
    )  # fmt: skip


def _paper(backends: Backends, paid: Order | Settled, title: str, seller: Creator, buyer: str, paid_with: str) -> Paper:
    return Paper(
        seller=seller.name, seller_country=seller.country, seller_address=backends.settings.site_url + seller.path, buyer=buyer,
        lines=[PaperLine(title, paid.subtotal)], subtotal=paid.subtotal, discount=paid.discount, tax=paid.tax, total=paid.total,
        paid_with=paid_with,
    )  # fmt: skip


async def credit_note(backends: Backends, tx: Writer, order: Order, refund: Refund) -> None:
    """With the names as they stood on the invoice."""
    if await papers.is_issued(tx, order.id, refund.id):
        return
    before = next((each for each in await papers.of_order(tx, order.id) if each.kind == "invoice"), None)
    if before is None:
        return  # nothing was said that would have to be taken back
    net = refund.amount - refund.tax_part
    paper = msgspec.structs.replace(
        before.paper, lines=[PaperLine(f"Given back: {order.title}", net)], subtotal=net, discount=Money(0, net.currency),
        tax=refund.tax_part, total=refund.amount, paid_with="", takes_back=before.name,
    )  # fmt: skip
    await _issue(backends, tx, order, paper, refund.id)


async def _issue(backends: Backends, tx: Writer, order: Order, paper: Paper, refund_id: UUID | None) -> None:
    """The number is taken last: whoever wants the next one of this creator waits from here to our commit."""
    now = backends.clock.now()
    number = await papers.next_number(tx, order.creator_id, now.year)
    await papers.insert(
        tx,
        Issued(
            id=new_id(), creator_id=order.creator_id, year=now.year, number=number,
            kind="credit_note" if refund_id else "invoice", order_id=order.id,
            refund_id=refund_id, issued_at=now, paper=paper,
        ),
    )  # fmt: skip
