"""Who wants to know that a payment or a set-up came to an end: invoices and Checkout sessions."""

from __future__ import annotations

from collections.abc import Callable

from directfanz.local.simulators.stripe.engine.core import Engine
from directfanz.local.simulators.stripe.store import Obj

Hook = Callable[[Engine, Obj], None]
PAID: list[Hook] = []
FAILED: list[Hook] = []
SET_UP: list[Hook] = []


def tell(hooks: list[Hook], engine: Engine, obj: Obj) -> None:
    for hook in hooks:
        hook(engine, obj)


INVOICE_PAID: list[Hook] = []
INVOICE_FAILED: list[Hook] = []
INVOICE_GIVEN_UP: list[Hook] = []  # void or uncollectible
