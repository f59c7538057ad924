"""What the provider tells us, taken exactly once in effect.

What an event says of an object may be old, so its handler asks the provider for the object first, outside of any transaction. Then one
transaction marks the event as processed and applies what is true now, under locks on our rows. A second delivery of the same event
waits at the mark for the first one's end, and finds it done. Killed anywhere, nothing has happened and the provider sends it again.

A failure is kept with the event and goes on to whoever delivered it: the provider gets 5xx and tries again, an operator sees it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event
from directfanz.backends.database.contract import Writer
from directfanz.domains.payments.errors import NoSuchEvent
from directfanz.domains.payments.models import KeptEvent
from directfanz.domains.payments.repository import events
from directfanz.domains.payments.service.events import together
from directfanz.domains.payments.service.events.handlers import HANDLERS, Apply, SubscriptionIsNow
from directfanz.domains.payments.service.events.invoices import InvoiceIsNow
from directfanz.domains.payments.service.events.questions import Questions
from directfanz.errors import DirectFanzError

__all__ = ["as_event", "replay", "take", "take_all"]
log = logging.getLogger("directfanz.payments")
LONGEST_ERROR = 1000
AT_ONCE = 4
Outcome = bool | Exception
News = tuple[Event, Apply | Exception | None]


async def take(backends: Backends, event: Event) -> bool:
    """False when it was taken before."""
    outcome = (await take_all(backends, [event]))[0]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def take_all(backends: Backends, told: Sequence[Event]) -> list[Outcome]:
    """A stretch of events, each as if it had come alone: one that fails holds up no other. What nothing follows from is kept in one
    statement, and plain renewals are settled together; the rest is taken one by one, a few side by side."""
    fresh = {event.id: event for event in told}
    done = await events.processed_among(backends.database, list(fresh))
    outcomes: dict[str, Outcome] = dict.fromkeys(done, False)
    asking = Questions(backends)
    waiting = [event for event in fresh.values() if event.id not in done]
    asked = await asyncio.gather(*[_asked(backends, asking, event) for event in waiting])
    news = list(zip(waiting, asked, strict=True))
    outcomes |= await _kept(backends, [event for event, apply in news if apply is None])
    outcomes |= await _together(backends, news)
    turn = asyncio.Semaphore(AT_ONCE)
    rest = [each for each in news if each[0].id not in outcomes]
    outcomes |= dict(await asyncio.gather(*[_alone(backends, *each, turn) for each in rest]))
    idle = {event.id for event, apply in news if apply is None}
    for event_id, outcome in outcomes.items():
        _count(backends, outcome, event_id not in idle)
    return _in_order(told, outcomes)


async def replay(backends: Backends, event_id: str) -> bool:
    """An operator's button: the same as if it had come again."""
    async with backends.database.writing() as tx:
        kept = await events.find(tx, event_id)
    if kept is None:
        raise NoSuchEvent("There is no such event.")
    return await take(backends, as_event(kept))


def as_event(kept: KeptEvent) -> Event:
    return Event(
        id=kept.event_id, kind=kept.kind, created_at=kept.created_at, account=kept.account, object_id=kept.object_id,
        object=kept.payload,
    )  # fmt: skip


async def _asked(backends: Backends, asking: Questions, event: Event) -> Apply | Exception | None:
    """None for a kind that means nothing to us: it is kept all the same."""
    handler = HANDLERS.get(event.kind)
    try:
        return await handler(backends, asking, event) if handler else None
    except Exception as error:
        return error


async def _kept(backends: Backends, idle: Sequence[Event]) -> dict[str, Outcome]:
    """What nothing follows from. When that fails, each is tried alone."""
    if len(idle) < 2:
        return {}

    async def work(tx: Writer) -> set[str]:
        return await events.take_all(tx, idle, backends.clock.now(), handled=False)

    try:
        new = await backends.database.run(work)
    except DirectFanzError as error:
        log.warning("%d events are kept one by one: %s", len(idle), error)
        return {}
    return {event.id: event.id in new for event in idle}


async def _together(backends: Backends, news: Sequence[News]) -> dict[str, Outcome]:
    renewals = [told for event, apply in news if (told := _of_a_period(event, apply))]
    if len(renewals) < 2:
        return {}
    try:
        return dict(await together.take(backends, renewals))
    except Exception as error:  # nothing of it was written
        log.info("%d renewals are taken one by one: %s", len(renewals), str(error) or type(error).__name__)
        return {}


def _of_a_period(event: Event, apply: Apply | Exception | None) -> together.Told | None:
    if isinstance(apply, InvoiceIsNow):
        return together.Told(event, apply.truth.subscription, apply.truth.asked_at, apply.truth)
    return together.Told(event, apply.said, apply.asked_at, None) if isinstance(apply, SubscriptionIsNow) else None


async def _alone(
    backends: Backends, event: Event, apply: Apply | Exception | None, turn: asyncio.Semaphore
) -> tuple[str, Outcome]:
    async with turn:
        try:
            if isinstance(apply, Exception):
                raise apply
            return event.id, await _applied(backends, event, apply)
        except Exception as error:
            await _keep_failed(backends, event, error)
            return event.id, error


async def _applied(backends: Backends, event: Event, apply: Apply | None) -> bool:
    async def work(tx: Writer) -> bool:
        if not await events.take(tx, event, backends.clock.now(), handled=apply is not None):
            return False
        if apply is not None:
            await apply(tx)
        return True

    return await backends.database.run(work)


async def _keep_failed(backends: Backends, event: Event, error: Exception) -> None:
    """In a transaction of its own: the one that failed is gone. When that fails too, the provider still sends it again."""
    words = error.message if isinstance(error, DirectFanzError) else f"{type(error).__name__}: {error}"
    try:
        async with backends.database.writing() as tx:
            await events.keep_failed(tx, event, backends.clock.now(), words[:LONGEST_ERROR])
    except DirectFanzError:
        log.warning("the failed event %s could not be kept", event.id)


def _in_order(told: Sequence[Event], outcomes: Mapping[str, Outcome]) -> list[Outcome]:
    """Of several deliveries of one event the first was it."""
    seen: set[str] = set()
    found: list[Outcome] = []
    for event in told:
        outcome = outcomes[event.id]
        found.append(outcome if event.id not in seen or isinstance(outcome, Exception) else False)
        seen.add(event.id)
    return found


def _count(backends: Backends, outcome: Outcome, handled: bool) -> None:
    word = "failed" if isinstance(outcome, Exception) else "repeated" if not outcome else "taken" if handled else "kept"
    backends.telemetry.counter("provider_events_total").add(outcome=word)
