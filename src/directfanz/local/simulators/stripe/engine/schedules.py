"""Changes planned for later, phase by phase: docs.stripe.com/billing/subscriptions/subscription-schedules."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import cancelling, changing, subscriptions
from directfanz.local.simulators.stripe.engine.catalogue import price_of
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params, on_timer
from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, invalid
from directfanz.local.simulators.stripe.engine.fields import metadata, nothing
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.engine.periods import step
from directfanz.local.simulators.stripe.engine.sub_items import period_of
from directfanz.local.simulators.stripe.store import Obj

LIVE = ("active", "not_started")
_NO_PHASE = nothing(
    *["application_fee_percent", "automatic_tax", "billing_cycle_anchor", "billing_thresholds", "collection_method"],
    *[
        "default_payment_method",
        "description",
        "invoice_settings",
        "on_behalf_of",
        "transfer_data",
        "trial",
        "trial_end",
    ],
)


def create(engine: Engine, params: Params) -> Obj:
    if params.get("from_subscription"):
        if set(params) - {"from_subscription", "metadata", "billing_mode"}:
            said = "You cannot set `phases` or others if `from_subscription` is set."
            raise Refusal(said, param="from_subscription")
        return _from_subscription(engine, params)
    if not params.get("customer"):
        raise absent("customer")
    return _planned(engine, params)


def _from_subscription(engine: Engine, params: Params) -> Obj:
    sub = engine.get("subscription", params["from_subscription"], "from_subscription")
    if sub["schedule"]:
        said = f"You cannot migrate a subscription that is already attached to a schedule: {sub['schedule']}"
        raise invalid("from_subscription", said)
    if sub["status"] in cancelling.ENDED:
        raise invalid("from_subscription", f"You cannot migrate a subscription that is {sub['status']}.")
    start, end = period_of(sub)
    phase = _phase_of(sub, start, end)
    schedule = _make(engine, engine.get("customer", sub["customer"]), [phase], params)
    schedule |= {"status": "active", "subscription": sub["id"], "current_phase": {"start_date": start, "end_date": end}}
    if sub["cancel_at_period_end"]:
        schedule["end_behavior"] = "cancel"
    sub["schedule"] = schedule["id"]
    engine.store.save(sub)
    _wait(engine, schedule)
    engine.emit("subscription_schedule.created", schedule)
    engine.emit("customer.subscription.updated", sub, {"schedule": None})
    return schedule


def _planned(engine: Engine, params: Params) -> Obj:
    """One that begins with a subscription of its own, now or later."""
    customer = engine.get("customer", params["customer"], "customer")
    now = engine.now(customer[HIDDEN]["clock"])
    given = params.get("start_date", now)
    start = now if given == "now" else int(given)
    phases = _phases(engine, params.get("phases") or [], start)
    if not phases:
        raise absent("phases")
    schedule = _make(engine, customer, phases, params)
    engine.emit("subscription_schedule.created", schedule)
    if start <= now:
        _start(engine, schedule)
    else:
        engine.set_timer(schedule, "schedule.phase", start)
        engine.store.save(schedule)
    return schedule


def _make(engine: Engine, customer: Obj, phases: list[Obj], params: Params) -> Obj:
    now = engine.now(customer[HIDDEN]["clock"])
    settings = {
        **nothing("application_fee_percent", "billing_thresholds", "default_payment_method", "description"),
        **nothing("on_behalf_of", "transfer_data"),
        "billing_cycle_anchor": "automatic",
        "collection_method": "charge_automatically",
        "invoice_settings": {
            **nothing("account_tax_ids", "custom_fields", "days_until_due", "description", "footer"),
            "issuer": {"type": "self"},
        },
    }
    fields = {
        **nothing("application", "canceled_at", "completed_at", "current_phase", "customer_account"),
        **nothing("released_at", "released_subscription", "subscription"),
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": now},
        "customer": customer["id"],
        "default_settings": settings,
        "end_behavior": params.get("end_behavior", "release"),
        "metadata": metadata(None, params.get("metadata")),
        "pause_schedules": [],
        "phases": phases,
        "status": "not_started",
        "test_clock": customer["test_clock"],
    }
    return engine.make("sub_sched", "subscription_schedule", fields, clock=customer[HIDDEN]["clock"])


def _phase_of(sub: Obj, start: int, end: int) -> Obj:
    items = [_item(one["price"]["id"], one["quantity"], one["metadata"]) for one in sub["items"]["data"]]
    discounts = [{"coupon": None, "discount": name, "promotion_code": None} for name in sub["discounts"]]
    told = {"currency": sub["currency"], "discounts": discounts, "items": items, "metadata": dict(sub["metadata"])}
    return _phase(told, start, end, "create_prorations")


def _phase(told: Obj, start: int, end: int, behavior: str) -> Obj:
    more = {"add_invoice_items": [], "default_tax_rates": [], "proration_behavior": behavior}
    return {**_NO_PHASE, **more, **told, "start_date": start, "end_date": end}


def _item(price: str, quantity: int, more: Obj) -> Obj:
    none: Obj = {"billing_thresholds": None, "discounts": [], "tax_rates": []}
    return {**none, "metadata": dict(more), "plan": price, "price": price, "quantity": quantity}


def _phases(engine: Engine, given: list[Params], start: int) -> list[Obj]:
    """Each begins where the one before ends."""
    phases: list[Obj] = []
    for place, one in enumerate(given):
        begins = one.get("start_date", start)
        begins = start if begins == "now" else int(begins)
        items, code, recurring = [], "", {"interval": "month", "interval_count": 1}
        for item in one["items"]:
            price = price_of(engine, item, f"phases[{place}][items]")
            code, recurring = price["currency"], price["recurring"]
            items.append(_item(price["id"], item.get("quantity", 1), metadata(None, item.get("metadata"))))
        end = _phase_end(one, begins, recurring)
        if begins < start or end <= begins:
            raise invalid(
                f"phases[{place}][end_date]", "Each phase must end after it begins, and begin where one ends."
            )
        discounts = [{**nothing("coupon", "discount", "promotion_code"), **d} for d in one.get("discounts") or []]
        told: Obj = {"currency": code, "discounts": discounts, "items": items}
        told["metadata"] = metadata(None, one.get("metadata"))
        phases.append(_phase(told, begins, end, one.get("proration_behavior", "create_prorations")))
        start = end
    return phases


def _phase_end(given: Params, start: int, recurring: Obj) -> int:
    if given.get("end_date") not in (None, "now"):
        return int(given["end_date"])
    if given.get("duration"):
        length = given["duration"]
        return step(start, start, length["interval"], length.get("interval_count", 1))
    times = given.get("iterations", 1)
    return step(start, start, recurring["interval"], recurring["interval_count"] * times)


def _wait(engine: Engine, schedule: Obj) -> None:
    """For the end of the phase at hand."""
    engine.set_timer(schedule, "schedule.phase", schedule["current_phase"]["end_date"])
    engine.store.save(schedule)


def _start(engine: Engine, schedule: Obj) -> None:
    phase = schedule["phases"][0]
    items = [{"price": item["price"], "quantity": item["quantity"]} for item in phase["items"]]
    params = {"customer": schedule["customer"], "items": items, "metadata": phase["metadata"]}
    sub = subscriptions.create(engine, params)
    sub["schedule"] = schedule["id"]
    engine.store.save(sub)
    current = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    schedule |= {"status": "active", "subscription": sub["id"], "current_phase": current}
    _wait(engine, schedule)
    engine.emit("subscription_schedule.updated", schedule, {"status": "not_started"})


@on_timer("schedule.phase")
def due(engine: Engine, schedule: Obj) -> None:
    """A phase that ends inside of a billing period; at its end the renewal follows the schedule first."""
    if schedule["status"] == "not_started":
        _start(engine, schedule)
        return
    sub = engine.find("subscription", schedule["subscription"])
    if schedule["status"] != "active" or sub is None or sub["status"] in cancelling.ENDED:
        return
    if period_of(sub)[1] == schedule["current_phase"]["end_date"]:
        engine.set_timer(schedule, "schedule.phase", schedule["current_phase"]["end_date"])
        engine.run_timer(sub, "subscription.renew")
        return
    _next_phase(engine, schedule, sub)


def follow(engine: Engine, sub: Obj, at: int | None = None) -> None:
    """Before a renewal: what the schedule says for the period that begins."""
    schedule = engine.find("subscription_schedule", sub["schedule"])
    now = engine.now_of(sub) if at is None else at
    if schedule and schedule["status"] == "active" and schedule["current_phase"]["end_date"] <= now:
        _next_phase(engine, schedule, sub, renews=True)


def _next_phase(engine: Engine, schedule: Obj, sub: Obj, *, renews: bool = False) -> None:
    ended = schedule["current_phase"]["end_date"]
    following = [phase for phase in schedule["phases"] if phase["start_date"] >= ended]
    engine.set_timer(schedule, "schedule.phase", None)
    if not following:
        _finish(engine, schedule, sub)
        return
    phase = following[0]
    before = engine.snapshot(sub)
    _apply(engine, sub, phase, renews=renews)
    schedule["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
    _wait(engine, schedule)
    engine.emit("subscription_schedule.updated", schedule)
    engine.changed("customer.subscription.updated", sub, before)


def _apply(engine: Engine, sub: Obj, phase: Obj, *, renews: bool) -> None:
    wanted = {item["price"]: item for item in phase["items"]}
    items: list[Params] = []
    for item in sub["items"]["data"]:
        same = wanted.pop(item["price"]["id"], None)
        if same:
            items.append({"id": item["id"], "quantity": same["quantity"]})
        elif wanted:
            _, other = wanted.popitem()
            items.append({"id": item["id"], "price": other["price"], "quantity": other["quantity"]})
        else:
            items.append({"id": item["id"], "deleted": True})
    items += [{"price": one["price"], "quantity": one["quantity"]} for one in wanted.values()]
    behavior = "none" if renews else phase["proration_behavior"]
    params: Params = {"items": items, "proration_behavior": behavior, "metadata": phase["metadata"]}
    if renews:
        _swap(engine, sub, items)
        sub["metadata"] = metadata(sub["metadata"], phase["metadata"])
        return
    invoice = changing.change(engine, sub, params)
    if invoice:
        subscriptions.pay_change(engine, sub, engine.snapshot(sub), invoice, "allow_incomplete")


def _swap(engine: Engine, sub: Obj, items: list[Params]) -> None:
    """At the border of two periods nothing is prorated."""
    from directfanz.local.simulators.stripe.engine.sub_items import changed_items, list_of_items, set_period

    start, end = period_of(sub)
    customer = engine.get("customer", sub["customer"])
    sub["items"] = list_of_items(sub["id"], changed_items(engine, sub, items, customer))
    set_period(sub, start, end)
    engine.store.save(sub)


def _finish(engine: Engine, schedule: Obj, sub: Obj) -> None:
    if schedule["end_behavior"] == "cancel":
        now = engine.now_of(schedule)
        schedule |= {"status": "completed", "completed_at": now, "current_phase": None}
        engine.store.save(schedule)
        engine.emit("subscription_schedule.completed", schedule)
        cancelling.end(engine, sub, "cancellation_requested")
    else:
        _release(engine, schedule, sub)


def _release(engine: Engine, schedule: Obj, sub: Obj | None) -> None:
    """The subscription goes on as it is, without a plan."""
    now = engine.now_of(schedule)
    engine.set_timer(schedule, "schedule.phase", None)
    schedule |= {"status": "released", "released_at": now, "current_phase": None, "subscription": None}
    if sub:
        before = {"schedule": sub["schedule"]}
        schedule["released_subscription"] = sub["id"]
        sub["schedule"] = None
        engine.store.save(sub)
        engine.emit("customer.subscription.updated", sub, before)
    engine.store.save(schedule)
    engine.emit("subscription_schedule.released", schedule)


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("subscription_schedule", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    schedule = _require_live(engine, name)
    before = engine.snapshot(schedule)
    schedule["metadata"] = metadata(schedule["metadata"], params.get("metadata"))
    if "end_behavior" in params:
        schedule["end_behavior"] = params["end_behavior"]
    if params.get("phases"):
        _replan(engine, schedule, params["phases"])
    engine.store.save(schedule)
    engine.changed("subscription_schedule.updated", schedule, before)
    return schedule


def _replan(engine: Engine, schedule: Obj, given: list[Params]) -> None:
    """The phase at hand has to be there, with the start that it had."""
    current = schedule["current_phase"]
    start = current["start_date"] if current else schedule["phases"][0]["start_date"]
    first = given[0].get("start_date", start)
    if current and first not in ("now", start):
        said = "You can not modify the start date of the current phase."
        raise invalid("phases[0][start_date]", said)
    schedule["phases"] = _phases(engine, given, start)
    sub = engine.find("subscription", schedule["subscription"])
    if current and sub:
        phase = schedule["phases"][0]
        schedule["current_phase"] = {"start_date": phase["start_date"], "end_date": phase["end_date"]}
        before = engine.snapshot(sub)
        _apply(engine, sub, phase, renews=False)
        engine.changed("customer.subscription.updated", sub, before)
        _wait(engine, schedule)


def release(engine: Engine, name: str, _: Params) -> Obj:
    schedule = _require_live(engine, name)
    _release(engine, schedule, engine.find("subscription", schedule["subscription"]))
    return schedule


def cancel(engine: Engine, name: str, _: Params) -> Obj:
    """With its subscription, at once."""
    schedule = _require_live(engine, name)
    sub = engine.find("subscription", schedule["subscription"])
    if sub and sub["status"] not in cancelling.ENDED:
        cancelling.end(engine, sub, "cancellation_requested")
    else:
        schedule |= {"status": "canceled", "canceled_at": engine.now_of(schedule)}
        engine.store.save(schedule)
        engine.emit("subscription_schedule.canceled", schedule)
    return schedule


def _require_live(engine: Engine, name: str) -> Obj:
    schedule = engine.get("subscription_schedule", name)
    if schedule["status"] not in LIVE:
        said = f"You cannot change a subscription schedule that is currently in the `{schedule['status']}` status."
        raise Refusal(said)
    return schedule


def list_all(engine: Engine, params: Params) -> Obj:
    return listing(
        engine, "subscription_schedule", params, "/v1/subscription_schedules", customer=params.get("customer")
    )
