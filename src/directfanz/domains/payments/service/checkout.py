"""Leading somebody to the provider's page where they pay.

An order is written first, with what is held for it; then the provider is asked with a key made of the order. Killed in between, the
same asked again goes on where it was. What comes of it arrives as an event, or when the person comes back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.billing.contract import CheckoutPage, Discount, Interval
from directfanz.backends.database.contract import Writer
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import blocking, lookup, team
from directfanz.domains.memberships.models import CHECKOUT_LIVES, Joining
from directfanz.domains.memberships.service import gifts, joining
from directfanz.domains.payments.errors import NoSuchGoal, NotForSale, OwnedAlready
from directfanz.domains.payments.models import ObjectKind, Order
from directfanz.domains.payments.policy.amounts import require_chargeable
from directfanz.domains.payments.repository import goals, orders
from directfanz.domains.payments.repository.orders import NewOrder
from directfanz.domains.payments.service import customers
from directfanz.domains.payments.service.spending import require_within_cap
from directfanz.errors import NotFound, Rejected
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

MESSAGE_CHARACTERS = 500


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    """Something with a price of its own, as the domain that keeps it says."""

    creator_id: UUID
    object_kind: ObjectKind
    object_id: UUID
    title: str
    price: Money


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """`url` leads to the provider's page."""

    order_id: UUID
    url: str
    expires_at: datetime


async def join(
    backends: Backends, caller: Caller, tier_id: UUID, amount: Money, interval: Interval, offer: str | None = None, key: str = ""
) -> Opened:  # fmt: skip
    user_id = caller.require_user()
    customer = await customers.ensure(backends, user_id)

    async def hold(tx: Writer) -> tuple[Joining, Order]:
        held = await joining.begin(backends, tx, user_id, tier_id, amount, interval, offer)
        order = await orders.pending_of_membership(tx, held.membership_id)
        return held, order or await _write(backends, tx, _of_joining(held, user_id, backends.clock.now()))

    held, order = await backends.database.run(hold)
    if held.replaces:
        await _expire(backends, held.replaces)
    page = await backends.billing.check_out_subscription(
        customer=customer, terms=held.terms, trial_days=held.trial_days, discount=held.discount, **_ways(backends, order),
        expires_at=held.expires_at, metadata={**held.terms.metadata, "order": str(order.id)}, key=f"order/{order.id}",
    )  # fmt: skip
    async with backends.database.writing() as tx:
        await orders.set_checkout(tx, order.id, page.id)
        await joining.opened(backends, tx, held.membership_id, page.id)
    return _opened(order.id, page, held.expires_at)


async def gift(
    backends: Backends, caller: Caller, tier_id: UUID, months: int, message: str = "", key: str = ""
) -> Opened:
    user_id, asked = caller.require_user(), _key("gift", key, tier_id, months, message)

    async def write(tx: Writer) -> Order:
        known = await orders.by_key(tx, user_id, asked) if asked else None
        if known is not None:
            return known
        buying = await gifts.begin(backends, tx, user_id, tier_id, months, message)
        await blocking.require_together(tx, user_id, buying.creator_id)
        new = NewOrder(
            id=new_id(), user_id=user_id, creator_id=buying.creator_id, kind="gift", gift_id=buying.gift_id, title=buying.product,
            subtotal=buying.price, discount=Money(0, buying.price.currency), created_at=backends.clock.now(),
            expires_at=buying.expires_at, key=asked,
        )  # fmt: skip
        return await _write(backends, tx, new)

    return await _pay(backends, user_id, write, {"kind": "gift"})


async def tip(
    backends: Backends, caller: Caller, creator_id: UUID, amount: Money, message: str = "", goal_id: UUID | None = None, key: str = "",
    room_id: UUID | None = None,
) -> Opened:  # fmt: skip
    """`room_id`: where it is shown once it is paid. Whoever keeps the room has looked whose it is."""
    user_id, asked = caller.require_user(), _key("tip", key, creator_id, amount, message, goal_id, room_id)

    async def write(tx: Writer) -> Order:
        known = await orders.by_key(tx, user_id, asked) if asked else None
        if known is not None:
            return known
        creator = await _open_page(tx, caller, creator_id)
        require_chargeable(amount, creator.currency)
        title = f"A tip for {creator.name}"
        if goal_id is not None:
            goal = await goals.find(tx, goal_id, backends.clock.now())
            if goal is None or goal.creator_id != creator_id or goal.state != "open":
                raise NoSuchGoal("This goal is not open any more. You can still give a tip.")
            title = f"For “{goal.title}” of {creator.name}"
        new = NewOrder(
            id=new_id(), user_id=user_id, creator_id=creator_id, kind="tip", goal_id=goal_id, title=title, object_id=room_id,
            object_kind="stream" if room_id else None,
            message=message.strip()[:MESSAGE_CHARACTERS], subtotal=amount, discount=Money(0, amount.currency),
            created_at=backends.clock.now(), expires_at=backends.clock.now() + CHECKOUT_LIVES, key=asked,
        )  # fmt: skip
        return await _write(backends, tx, new)

    return await _pay(backends, user_id, write, {"kind": "tip"})


async def purchase(backends: Backends, caller: Caller, wanted: Purchase, key: str = "") -> Opened:
    """The price is the domain's own that keeps the object: never what came with a request."""
    user_id, asked = caller.require_user(), _key("purchase", key, wanted.object_id, wanted.price)

    async def write(tx: Writer) -> Order:
        known = await orders.by_key(tx, user_id, asked) if asked else None
        if known is not None:
            return known
        creator = await _open_page(tx, caller, wanted.creator_id)
        require_chargeable(wanted.price, creator.currency)
        if await orders.owns(tx, user_id, wanted.object_id):
            raise OwnedAlready("You bought this before. It is open to you.")
        new = NewOrder(
            id=new_id(), user_id=user_id, creator_id=wanted.creator_id, kind="purchase", object_id=wanted.object_id,
            object_kind=wanted.object_kind, title=f"{creator.name}: {wanted.title}"[:200], subtotal=wanted.price,
            discount=Money(0, wanted.price.currency), created_at=backends.clock.now(),
            expires_at=backends.clock.now() + CHECKOUT_LIVES, key=asked,
        )  # fmt: skip
        return await _write(backends, tx, new)

    return await _pay(backends, user_id, write, {"kind": "purchase"})


async def _pay(
    backends: Backends, user_id: UUID, write: Callable[[Writer], Awaitable[Order]], metadata: dict[str, str]
) -> Opened:
    customer = await customers.ensure(backends, user_id)
    order = await backends.database.run(write)
    if order.state != "pending" or order.expires_at is None:
        raise NotForSale("This was paid or left behind already. Begin again.")
    about = {"order": str(order.id), "creator": str(order.creator_id), "user": str(user_id), **metadata}
    if order.gift_id:
        about["gift"] = str(order.gift_id)
    page = await backends.billing.check_out_payment(
        customer=customer, price=order.total, product=order.title, **_ways(backends, order), expires_at=order.expires_at,
        metadata=about, key=f"order/{order.id}",
    )  # fmt: skip
    async with backends.database.writing() as tx:
        await orders.set_checkout(tx, order.id, page.id)
    return _opened(order.id, page, order.expires_at)


async def _write(backends: Backends, tx: Writer, new: NewOrder) -> Order:
    await require_within_cap(tx, new.user_id, new.subtotal - new.discount, new.created_at)
    await orders.insert(tx, new)
    found = await orders.find(tx, new.id) or (await orders.by_key(tx, new.user_id, new.key) if new.key else None)
    assert found is not None
    return found


def _of_joining(held: Joining, user_id: UUID, now: datetime) -> NewOrder:
    price = held.terms.price
    return NewOrder(
        id=new_id(), user_id=user_id, creator_id=held.creator_id, kind="membership", membership_id=held.membership_id,
        title=held.terms.product, subtotal=price, discount=_first_discount(held.discount, price), created_at=now,
        expires_at=held.expires_at,
    )  # fmt: skip


def _first_discount(discount: Discount | None, price: Money) -> Money:
    """What the provider will take off; its own invoice decides."""
    if discount is None:
        return Money(0, price.currency)
    if discount.amount is not None:
        return min(discount.amount, price)
    return Money((price.minor * (discount.percent or 0) + 50) // 100, price.currency)


async def _open_page(tx: Writer, caller: Caller, creator_id: UUID) -> Creator:
    creator = await lookup.by_id(tx, creator_id)
    if not creator.is_public:
        raise lookup.no_such_creator()
    if await team.role_of(tx, caller, creator_id):
        raise NotForSale("You are in the team of this page: money would go from one of your pockets to the other.")
    await blocking.require_together(tx, caller.require_user(), creator_id)
    return creator


def _ways(backends: Backends, order: Order) -> dict[str, str]:
    here = f"{backends.settings.site_url}/checkout/{order.id}"
    return {"success_url": f"{here}/done", "cancel_url": f"{here}/back"}


def _key(kind: str, key: str, *what: object) -> str | None:
    """The same key with other values is another wish: somebody went back and changed the form."""
    if not key:
        return None
    digest = hashlib.sha256(msgspec.json.encode([str(each) for each in what])).hexdigest()[:32]
    return f"{kind}/{key[:200]}/{digest}"


def _opened(order_id: UUID, page: CheckoutPage, expires_at: datetime) -> Opened:
    if page.url is None:
        raise NotForSale("This page for paying is closed. Begin again.")
    return Opened(order_id=order_id, url=page.url, expires_at=expires_at)


async def _expire(backends: Backends, checkout: str) -> None:
    try:
        await backends.billing.expire_checkout(checkout)
    except (NotFound, Rejected):
        return  # it is over already
