"""docs.stripe.com/api/events and the clocks of docs.stripe.com/billing/testing/test-clocks."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, on_timer
from directfanz.local.simulators.stripe.engine.errors import Refusal, invalid
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.periods import DAY
from directfanz.local.simulators.stripe.store import Obj

CLOCK_KEPT_DAYS = 30
CLOCK = "test_helpers.test_clock"


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("event", name)


def list_all(engine: Engine, params: Params) -> Obj:
    types = params.get("types")
    delivered = params.get("delivery_success")

    def fits(event: Obj) -> bool:
        kind = event["type"]
        by_type = not types or any(kind == one or (one.endswith("*") and kind.startswith(one[:-1])) for one in types)
        return by_type and (delivered is None or (event["pending_webhooks"] == 0) == delivered)

    wanted = params.get("type")
    if wanted and "*" in wanted:
        types, wanted = [wanted], None
    return listing(engine, "event", params, "/v1/events", type=wanted, test=fits)


@on_timer("event.forget")
def forget(engine: Engine, event: Obj) -> None:
    engine.store.remove(event["id"])


def create_clock(engine: Engine, params: Params) -> Obj:
    fields = {
        "deletes_after": engine.now() + CLOCK_KEPT_DAYS * DAY,
        "frozen_time": params["frozen_time"],
        "name": params.get("name"),
        "status": "ready",
        "status_details": {},
    }
    clock = engine.make("clock", CLOCK, fields)
    engine.emit("test_helpers.test_clock.created", clock)
    return clock


def retrieve_clock(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get(CLOCK, name)


def list_clocks(engine: Engine, params: Params) -> Obj:
    return listing(engine, CLOCK, params, "/v1/test_helpers/test_clocks")


def advance_clock(engine: Engine, name: str, params: Params) -> Obj:
    """Answers that it is advancing; what happens on the way is done right after the answer."""
    clock = engine.get(CLOCK, name)
    if clock["status"] != "ready":
        raise Refusal("Test clock advancement underway: you can't advance it again until it is ready.")
    if params["frozen_time"] <= clock["frozen_time"]:
        raise invalid("frozen_time", "The new frozen time must be later than the current one.")
    clock |= {"status": "advancing", "status_details": {"advancing": {"target_frozen_time": params["frozen_time"]}}}
    engine.store.save(clock)
    engine.emit("test_helpers.test_clock.advancing", clock)
    engine.afterwards.append(lambda: finish_clock(engine, name))
    return clock


def finish_clock(engine: Engine, name: str) -> None:
    clock = engine.store.find(name)
    if clock is None or clock["status"] != "advancing":
        return
    target = clock["status_details"]["advancing"]["target_frozen_time"]
    engine.store.rollback()
    engine.run_due(name, target)
    with engine.books(""):
        clock = engine.get(CLOCK, name)
        clock |= {"status": "ready", "frozen_time": target, "status_details": {}}
        engine.store.save(clock)
        engine.emit("test_helpers.test_clock.ready", clock)
        engine.commit()


def delete_clock(engine: Engine, name: str, _: Params) -> Obj:
    """With the customers that live by it."""
    from directfanz.local.simulators.stripe.engine import customers

    clock = engine.get(CLOCK, name)
    for customer in list(engine.newest("customer", "test_clock", name)):
        if not customer[HIDDEN].get("deleted"):
            customers.delete(engine, customer["id"], {})
    clock[HIDDEN]["deleted"] = True
    engine.store.save(clock)
    engine.emit("test_helpers.test_clock.deleted", clock)
    return clock
