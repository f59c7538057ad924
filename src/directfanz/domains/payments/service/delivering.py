"""What was bought is had from here on."""

from __future__ import annotations

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant
from directfanz.domains.memberships.service import gifts
from directfanz.domains.payments.models import Order
from directfanz.domains.payments.repository import orders


async def deliver(backends: Backends, tx: Writer, order: Order) -> bool:
    """Memberships follow their subscription. False for what somebody bought twice, in two tabs: they have it already."""
    if order.kind == "gift" and order.gift_id:
        await gifts.paid(backends, tx, order.gift_id)
    if order.kind != "purchase" or order.object_kind is None or order.object_id is None or order.paid_at is None:
        return True
    if await orders.owns(tx, order.user_id, order.object_id, but=order.id):
        return False
    grant = Grant(
        user_id=order.user_id, creator_id=order.creator_id, source="purchase", source_id=order.id, starts_at=order.paid_at,
        scope=order.object_kind, object_id=order.object_id,
    )  # fmt: skip
    await entitlements.grant(backends, tx, grant)
    return True
