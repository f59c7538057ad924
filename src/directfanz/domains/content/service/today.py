"""What a team sees first: the steps to a page that earns, and what changed."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.content.repository import posts
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.service import following
from directfanz.domains.creators.service.studio import Studio
from directfanz.domains.ledger import service as ledger
from directfanz.domains.ledger.models import Balances
from directfanz.domains.memberships.service import tiers
from directfanz.domains.memberships.service.tiers import OpenTier
from directfanz.domains.payments.service import disputes, refund_requests, statements
from directfanz.http.caller import Caller
from directfanz.kit.money import Money


class Step(NamedTuple):
    done: bool
    icon: str
    title: str
    why: str
    href: str
    action: str


class Need(NamedTuple):
    """Something that waits for the team."""

    icon: str
    text: str
    href: str
    action: str


class Today(NamedTuple):
    needs: list[Need]
    days: list[tuple[datetime, Money]]
    steps: list[Step]
    posts: int
    drafts: int
    scheduled: int
    followers: int
    members: int
    balances: list[Balances]


async def today(backends: Backends, caller: Caller, entered: Studio) -> Today:
    creator = entered.creator
    needs, days = await _money(backends, caller, entered) if entered.may("money") else ([], [])
    async with backends.database.writing() as tx:  # the primary: what was done a moment ago is done
        offered = await tiers.open_tiers(tx, creator.id)
        counts = await posts.count_by_stage(tx, creator.id, backends.clock.now())
        return Today(
            needs=needs,
            days=days,
            steps=steps(entered, offered, counts.get("visible", 0)),
            posts=counts.get("visible", 0),
            drafts=counts.get("draft", 0),
            scheduled=counts.get("scheduled", 0),
            followers=await _followers(tx, creator),
            members=sum(each.members for each in offered),
            balances=await ledger.balances_of(tx, creator.id) if entered.may("money") else [],
        )


def steps(entered: Studio, offered: list[OpenTier], posts: int) -> list[Step]:
    """Each says what is next; in the order in which they are quickest."""
    creator, home = entered.creator, entered.home
    dressed = bool(creator.about and (creator.avatar or creator.banner))
    return [
        Step(
            dressed, "picture", "Dress your page", "A picture, and a few words about what you make.", f"{home}/page", "Dress"
        ),
        Step(
            bool(offered), "ticket", "Offer a tier", "What members get, and what it costs them.", f"{home}/tiers", "Offer"
        ),
        Step(
            creator.can_be_paid, "coin", "Open your payout account", _paid(entered), f"{home}/payout-account",
            "Go on" if creator.account else "Open",
        ),
        Step(posts > 0, "pen", "Publish a first post", "So that visitors see what to expect.", f"{home}/posts/new", "Write"),
        Step(
            creator.is_public, "globe", "Publish your page", "Look at it with a stranger's eyes first, then let everybody in.",
            f"{creator.path}?as=stranger", "Look",
        ),
    ]  # fmt: skip


def _paid(entered: Studio) -> str:
    if not entered.may("payouts"):
        return "The owner does this."
    return "Our payment provider still needs something." if entered.creator.account_missing else "Five minutes."


async def _money(
    backends: Backends, caller: Caller, entered: Studio
) -> tuple[list[Need], list[tuple[datetime, Money]]]:
    """Banks first: they wait for nobody."""
    creator = entered.creator
    needs = [
        Need("warning", f"A payment is disputed: {order.title}", f"{entered.home}/money/disputes/{row.id}", "Answer")
        for row, order in await disputes.of_creator(backends, caller, creator.id)
        if row.state == "needs_response"
    ]
    needs += [
        Need("coin", f"Somebody asks for their money back: {order.title}", f"/money/orders/{order.id}", "Answer")
        for row, order in await refund_requests.waiting_of(backends, caller, creator.id)
        if row.state == "open"
    ]
    if creator.account_missing:
        needs.append(Need("warning", "You cannot be paid yet", f"{entered.home}/payout-account", "Go on"))
    shown = await statements.overview(backends, caller, creator.id)
    return needs, shown.days


async def _followers(reader: Reader, creator: Creator) -> int:
    return await following.count(reader, creator.id)
