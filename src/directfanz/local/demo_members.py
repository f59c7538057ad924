"""Who pays Ada in a fresh installation: a dozen people join, tip, buy and give at the simulated till, as anybody would in a browser."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import msgspec

from directfanz.backends import Backends
from directfanz.domains.accounts.models import User
from directfanz.domains.accounts.repository import users
from directfanz.domains.accounts.service import sign_up, verification
from directfanz.domains.content.service import writing
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.repository import pages
from directfanz.domains.memberships.models import Tier
from directfanz.domains.memberships.service import cancelling, mine, tiers
from directfanz.domains.payments.models import Order
from directfanz.domains.payments.service import buying, checkout, refunds
from directfanz.domains.payments.service.checkout import Opened, Purchase
from directfanz.http.caller import Caller
from directfanz.kit.money import Money
from directfanz.local.demo_page import SLUG

USUAL_CARD = "4242424242424242"
FOR_SALE = "A song for one person"
TILL_SECONDS = 30


class Fan(msgspec.Struct, frozen=True):
    name: str
    country: str
    tier: str
    amount: int
    tip: int = 0
    says: str = ""
    card: str = USUAL_CARD  # a trial is given once to a card


FANS = (
    Fan("Mina Okafor", "GB", "Listener", 300, 500, "The fridge stays in, please."),
    Fan("Jonas Weber", "DE", "Insider", 1000),
    Fan("Lucía Prat", "ES", "Listener", 300),
    Fan("Tom Ashby", "GB", "Producer", 4000, 2500, "For strings. The guitar's, or a quartet's."),
    Fan("Yuki Tanabe", "JP", "Insider", 800, card="5555555555554444"),
    Fan("Freja Holm", "DK", "Listener", 300),
    Fan("Marek Dvořák", "CZ", "Insider", 1500, 1000, card="378282246310005"),
    Fan("Sofia Rossi", "IT", "Listener", 300),
    Fan("Noah Jansen", "NL", "Listener", 300),
    Fan("Inès Laurent", "FR", "Insider", 1000, card="6011111111111117"),
    Fan("Paul Nowak", "PL", "Listener", 300, 300, "Salt is the best one."),
    Fan("Elin Berg", "SE", "Producer", 4000),
)
# Who does more than join.
BUYS, GIVES, LEAVES, HAS_A_TIP_BACK = "Jonas Weber", "Tom Ashby", "Noah Jansen", "Marek Dvořák"


@dataclass(frozen=True)
class Street:
    """What everybody below needs."""

    backends: Backends
    creator: Creator
    owner: Caller
    tiers: dict[str, Tier]
    till: httpx.AsyncClient


async def join(backends: Backends) -> None:
    """Who has joined is left alone, so it may be killed and begun anew."""
    async with backends.database.writing() as tx:
        creator, ada = await pages.find_by_slug(tx, SLUG), await users.find_by_handle(tx, "ada")
        if creator is None or ada is None:
            return
        offered = {each.tier.name: each.tier for each in await tiers.open_tiers(tx, creator.id)}
    async with httpx.AsyncClient(
        base_url=backends.settings.stripe_api_base, timeout=TILL_SECONDS, trust_env=False
    ) as till:
        street = Street(backends, creator, _caller(ada), offered, till)
        for fan in FANS:
            if fan.tier in offered:
                await _one(street, fan)


async def _one(street: Street, fan: Fan) -> None:
    caller = _caller(await _settled(street.backends, fan))
    if await buying.mine(street.backends, caller, None, 1):
        return
    money = Money(fan.amount, street.creator.currency)
    opened = await checkout.join(street.backends, caller, street.tiers[fan.tier].id, money, "month")
    await _pay(street, caller, fan, opened)
    if fan.tip:
        await _tip(street, caller, fan)
    if fan.name == BUYS:
        await _buy(street, caller, fan)
    if fan.name == GIVES:
        opened = await checkout.gift(street.backends, caller, street.tiers["Listener"].id, 3, "Happy birthday!")
        await _pay(street, caller, fan, opened)
    if fan.name == LEAVES:
        membership = (await mine.all_mine(street.backends, caller))[0].membership
        await cancelling.cancel(street.backends, caller, membership.id, "too_dear")


async def _tip(street: Street, caller: Caller, fan: Fan) -> None:
    amount = Money(fan.tip, street.creator.currency)
    opened = await checkout.tip(street.backends, caller, street.creator.id, amount, fan.says)
    order = await _pay(street, caller, fan, opened)
    if fan.name == HAS_A_TIP_BACK:
        half = Money(fan.tip // 2, street.creator.currency)
        await refunds.refund(street.backends, street.owner, order.id, half, "It was meant to be five.")


async def _buy(street: Street, caller: Caller, fan: Fan) -> None:
    listed = await writing.list_for_team(street.backends, street.owner, street.creator.id, None, None, 100)
    post = next((each for each in listed if each.title == FOR_SALE), None)
    if post is not None and post.cost is not None:
        wanted = Purchase(
            creator_id=street.creator.id, object_kind="post", object_id=post.id, title=post.title, price=post.cost
        )
        await _pay(street, caller, fan, await checkout.purchase(street.backends, caller, wanted))


async def _pay(street: Street, caller: Caller, fan: Fan, opened: Opened) -> Order:
    """Fills in the provider's page, and comes back from it."""
    session = "cs_" + opened.url.rpartition("cs_")[2]
    form = {"card": fan.card, "name": fan.name, "email": _email(fan), "country": fan.country}
    (await street.till.post(f"/_simulator/checkout/{session}/complete", json=form)).raise_for_status()
    return (await buying.came_back(street.backends, caller, opened.order_id)).order


async def _settled(backends: Backends, fan: Fan) -> User:
    async with backends.database.writing() as tx:
        known = await users.find_by_handle(tx, _handle(fan))
        if known is not None:
            return known
        user = sign_up.new_person(backends, _email(fan), _handle(fan), fan.name)
        await sign_up.insert_person(tx, user)
        await verification.activate(tx, user, backends)
        return user


def _handle(fan: Fan) -> str:
    return fan.name.partition(" ")[0].lower().encode("ascii", "ignore").decode() + "_listens"


def _email(fan: Fan) -> str:
    return f"{_handle(fan)}@example.com"


def _caller(user: User) -> Caller:
    return Caller(user_id=user.id, role=user.role, handle=user.handle, name=user.display_name)
