"""Back from the page where one pays: what is true now, and what happens next."""

from __future__ import annotations

from uuid import UUID

from litestar import get
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.memberships.service import mine as memberships
from directfanz.domains.payments.models import Order
from directfanz.domains.payments.pages.asking import Html, Page
from directfanz.domains.payments.service import buying
from directfanz.http.caller import Caller, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.pages import render


@get("/checkout/{order_id:uuid}/done", guards=[signed_in])
async def done_page(request: Page, backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID]) -> Html:
    """Nobody waits for an event: we ask. What is not settled yet says so, and looks again by itself."""
    bought = await buying.came_back(backends, caller, order_id)
    thanks = bought.order.paid_at is not None or await _is_in(backends, bought.order)
    return render(request, "payments/done.html", order=bought.order, creator=bought.creator, thanks=thanks)


@get("/checkout/{order_id:uuid}/back", guards=[signed_in])
async def back_page(request: Page, backends: Given[Backends], caller: Given[Caller], order_id: FromPath[UUID]) -> Html:
    """They turned round: nothing was charged."""
    bought = await buying.came_back(backends, caller, order_id)
    return render(request, "payments/back.html", order=bought.order, creator=bought.creator)


async def _is_in(backends: Backends, order: Order) -> bool:
    """A membership is there before its first invoice was told of; during a trial nothing is paid at all."""
    if order.membership_id is None:
        return False
    live = await memberships.of_page(backends, order.user_id, order.creator_id)
    return live is not None and live.id == order.membership_id


routes = [done_page, back_page]
