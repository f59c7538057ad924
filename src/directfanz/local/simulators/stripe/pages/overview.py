"""The simulator's own first page: what happened lately, and what still has to be told."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency as Given

from directfanz.local.simulators.stripe.engine.core import API_VERSION, PLATFORM
from directfanz.local.simulators.stripe.simulator import Simulator
from directfanz.local.small_web.pages import Pages

SHOWN = 40
COUNTED = ("customer", "subscription", "invoice", "charge", "account", "transfer")


@get("/")
async def start(simulator: Given[Simulator], pages: Given[Pages]) -> Response[str]:
    store = simulator.engine.store
    events = [event for event, _ in zip(store.newest(PLATFORM, "event"), range(SHOWN), strict=False)]
    page = pages.page(
        "start.html",
        version=API_VERSION,
        now=simulator.engine.now(),
        events=events,
        counts=[(f"{kind}s", store.count(PLATFORM, kind)) for kind in COUNTED],
        endpoints=sorted({one["url"] for one in store.newest(PLATFORM, "webhook_endpoint")}),
        waiting=sum(1 for _ in simulator.outbox.waiting()),
    )
    simulator.engine.rollback()
    return page


OVERVIEW_PAGES = [start]
