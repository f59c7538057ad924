"""Where the billing provider tells what happened. Only what it signed within five minutes is read."""

from __future__ import annotations

import logging
from typing import Any

from litestar import Request, post

from directfanz.backends import Backends
from directfanz.backends.billing.contract import SignatureWrong
from directfanz.domains.payments.errors import EventFailed
from directfanz.domains.payments.service.events.gathering import Gathering
from directfanz.errors import TooLarge, Unavailable, UnsupportedMedia
from directfanz.http.dependencies import Given
from directfanz.http.described import takes_body
from directfanz.http.limits import rate_limit

log = logging.getLogger("directfanz.payments")
# The provider's own largest is far smaller; the edge's limit for the API is larger.
MAX_BYTES = 512 * 1024
# Its addresses are few, and a burst of renewals comes from one of them.
LIMIT = rate_limit("provider-events", per_minute=60_000, by_address=True)


@post(
    "/provider-events/stripe", status_code=200, opt={**LIMIT, **takes_body("application/json")}, tags=["Operators"],
    summary="For Stripe: what happened, signed",
)  # fmt: skip
async def stripe_events(request: Request[Any, Any, Any], backends: Given[Backends]) -> dict[str, bool]:
    """Answers 2xx once the event has had its effect, now or before. Everything else makes Stripe send it again."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMedia("An event is JSON.")
    body = await request.body()
    if len(body) > MAX_BYTES:
        raise TooLarge(f"An event is smaller than {MAX_BYTES // 1024} KiB.")
    signature = request.headers.get("stripe-signature", "")
    if not signature:
        raise SignatureWrong("An event comes with a Stripe-Signature.")
    event = backends.billing.read_event(body, signature, backends.clock.now())
    try:
        return {"taken": await _gathering(request, backends).take(event)}
    except (SignatureWrong, Unavailable):
        raise
    except Exception as error:
        log.warning("the event %s (%s) could not be handled: %s", event.id, event.kind, error)
        raise EventFailed("The event could not be handled. Send it again.") from error


def _gathering(request: Request[Any, Any, Any], backends: Backends) -> Gathering:
    """One of the process: what comes at the same time is taken together."""
    state = request.app.state
    if not hasattr(state, "provider_events"):
        state.provider_events = Gathering(backends)
    found: Gathering = state.provider_events
    return found


routes = [stripe_events]
