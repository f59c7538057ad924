"""What the provider tells us, taken exactly once in effect.

What an event says of an object may be old, so its handler asks the provider for the object first, outside of any transaction. Then one
transaction marks the event as processed and applies what is true now, under locks on our rows. A second delivery of the same event
waits at the mark for the first one's end, and finds it done. Killed anywhere, nothing has happened and the provider sends it again.

A failure is kept with the event and goes on to whoever delivered it: the provider gets 5xx and tries again, an operator sees it.
"""

from __future__ import annotations

import logging

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Event
from directfanz.backends.database.contract import Writer
from directfanz.domains.payments.errors import NoSuchEvent
from directfanz.domains.payments.models import KeptEvent
from directfanz.domains.payments.repository import events
from directfanz.domains.payments.service.events.handlers import HANDLERS, Apply
from directfanz.errors import DirectFanzError

__all__ = ["as_event", "replay", "take"]
log = logging.getLogger("directfanz.payments")
LONGEST_ERROR = 1000


async def take(backends: Backends, event: Event) -> bool:
    """False when it was taken before."""
    if await events.is_processed(backends.database, event.id):
        return _counted(backends, "repeated", False)
    try:
        apply = await _asked(backends, event)
        done = await _applied(backends, event, apply)
    except Exception as error:
        await _keep_failed(backends, event, error)
        _counted(backends, "failed", False)
        raise
    return _counted(backends, ("taken" if apply else "kept") if done else "repeated", done)


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


async def _asked(backends: Backends, event: Event) -> Apply | None:
    """None for a kind that means nothing to us: it is kept all the same."""
    handler = HANDLERS.get(event.kind)
    return await handler(backends, event) if handler else None


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


def _counted(backends: Backends, outcome: str, answer: bool) -> bool:
    backends.telemetry.counter("provider_events_total").add(outcome=outcome)
    return answer
