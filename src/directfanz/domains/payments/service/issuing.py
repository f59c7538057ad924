"""Papers: an invoice when an order is paid, a credit note when money went back. In the transaction of their cause."""

from __future__ import annotations

from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.payments.models import Issued, Order, Paper, PaperLine, Refund
from directfanz.domains.payments.repository import papers
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money


async def invoice(backends: Backends, tx: Writer, order: Order, seller: Creator, buyer: str, paid_with: str) -> None:
    """Once per order, by whoever settled it. Nothing is issued for what cost nothing."""
    if order.total.minor == 0:
        return
    paper = Paper(
        seller=seller.name, seller_country=seller.country, seller_address=backends.settings.site_url + seller.path, buyer=buyer,
        lines=[PaperLine(order.title, order.subtotal)], subtotal=order.subtotal, discount=order.discount, tax=order.tax,
        total=order.total, paid_with=paid_with,
    )  # fmt: skip
    await _issue(backends, tx, order, paper, None)


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
