"""The provider is asked about many subscriptions, side by side, and what it says is written down.

What changes nothing is not written at all; plain renewals are settled together; whatever else, each alone. One about which nothing
can be heard waits for the next time and holds up no other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Writer
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.policy.states import changed, told
from directfanz.domains.memberships.repository import batches
from directfanz.domains.memberships.service import following, renewing
from directfanz.domains.memberships.service.renewing import NotAlone, Renewal
from directfanz.errors import DirectFanzError

T = TypeVar("T")
R = TypeVar("R")
AT_ONCE = 8
log = logging.getLogger("directfanz.memberships")


async def about(backends: Backends, ids: Sequence[UUID]) -> list[Membership]:
    """Those that something was heard of, as they are then."""
    rows = [row for row in await batches.these(backends.database, ids) if row.subscription is not None]
    heard = await side_by_side(rows, lambda row: _asked(backends, row))
    fresh = [news for row, news in zip(rows, heard, strict=True) if news and _changes(row, news)]
    together = await _together(backends, fresh)
    await side_by_side([news for news in fresh if news.said.id not in together], lambda news: _alone(backends, news))
    done = [row.id for row, news in zip(rows, heard, strict=True) if news]
    return await batches.these(backends.database, done)


async def side_by_side(what: Sequence[T], one: Callable[[T], Awaitable[R]]) -> list[R | None]:
    """A few at a time."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def in_turn(each: T) -> R | None:
        async with turn:
            try:
                return await one(each)
            except DirectFanzError as error:
                log.warning("a membership waits for the next time: %s", error)
                return None

    return await asyncio.gather(*map(in_turn, what))


async def _asked(backends: Backends, row: Membership) -> Renewal:
    asked_at = backends.clock.now()
    said = await backends.billing.subscription(row.subscription or "")
    return Renewal(said=said, asked_at=asked_at, paid=None)


def _changes(row: Membership, news: Renewal) -> bool:
    return changed(told(row, news.said), news.said) != row


async def _together(backends: Backends, news: Sequence[Renewal]) -> set[str]:
    """The subscriptions that were settled."""
    plain = await renewing.plain(backends.database, news) if len(news) > 1 else {}
    going = [each for each in news if each.said.id in plain]

    async def work(tx: Writer) -> set[str]:
        return set(await renewing.renew_all(backends, tx, going))

    try:
        return await backends.database.run(work) if len(going) > 1 else set()
    except (NotAlone, DirectFanzError) as error:  # nothing of it was written
        log.info("%d memberships are taken one by one: %s", len(going), str(error) or type(error).__name__)
        return set()


async def _alone(backends: Backends, news: Renewal) -> None:
    async with backends.database.writing() as tx:
        await following.subscription_is(backends, tx, news.said, asked_at=news.asked_at)
