"""The moment in which a joining turns out to be paid for, or its trial begins."""

from __future__ import annotations

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Subscription
from directfanz.backends.database.contract import Writer
from directfanz.domains.memberships.models import Membership
from directfanz.domains.memberships.policy.states import ended
from directfanz.domains.memberships.repository import memberships, offers
from directfanz.domains.memberships.service import at_provider, claiming, telling
from directfanz.domains.memberships.service.record import become


async def arrive(backends: Backends, tx: Writer, row: Membership, new: Membership, said: Subscription) -> Membership:
    """A gift or a free membership makes room for what is paid; two that are paid are one too many."""
    rows = await memberships.lock_of_pair(tx, row.user_id, row.creator_id)
    live = next((each for each in rows if each.is_live and each.id != row.id), None)
    if live is not None and live.source == "paid":
        return await refuse(backends, tx, row, new, "doubled")
    if new.state == "trialing" and not await _may_try(tx, new, said):
        return await refuse(backends, tx, row, new, "trial_used")
    if live is not None:
        await _replace(backends, tx, live)
    written = await become(backends, tx, row, new, "trial_began" if new.state == "trialing" else "joined")
    await telling.joined(backends, tx, written)
    return written


async def refuse(backends: Backends, tx: Writer, row: Membership, new: Membership, why: str) -> Membership:
    """Nothing was lost by whoever joined: the subscription is cancelled, and they are told."""
    if new.subscription is not None:
        await at_provider.cancel(backends, tx, new.subscription)
    await offers.give_back(tx, row.id)
    gone = ended(new, backends.clock.now(), why)
    written = await become(backends, tx, row, gone, "refused", why=why)
    await telling.ended(backends, tx, written)
    return written


async def _may_try(tx: Writer, new: Membership, said: Subscription) -> bool:
    began = said.period_start
    return await offers.use_trial(tx, new.creator_id, new.user_id, new.id, new.card, began)


async def _replace(backends: Backends, tx: Writer, live: Membership) -> None:
    """The days that a gift has left stay its owner's, at the gift's tier."""
    await claiming.keep_on_top(backends, tx, live)
    await become(backends, tx, live, ended(live, backends.clock.now(), "replaced"), "ended", why="replaced")
