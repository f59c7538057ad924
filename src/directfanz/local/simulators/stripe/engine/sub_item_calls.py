"""docs.stripe.com/api/subscription_items: each is a change of its subscription."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine import subscriptions
from directfanz.local.simulators.stripe.engine.core import HIDDEN, Engine, Params
from directfanz.local.simulators.stripe.engine.lists import list_of
from directfanz.local.simulators.stripe.engine.sub_items import find
from directfanz.local.simulators.stripe.store import Obj

ABOUT_PAYING = ("payment_behavior", "proration_behavior", "proration_date")


def _split(params: Params) -> tuple[Params, Params]:
    about = {name: params[name] for name in ABOUT_PAYING if name in params}
    return about, {name: value for name, value in params.items() if name not in (*ABOUT_PAYING, "subscription")}


def create(engine: Engine, params: Params) -> Obj:
    about, item = _split(params)
    known = {one["id"] for one in engine.get("subscription", params["subscription"], "subscription")["items"]["data"]}
    sub = subscriptions.update(engine, params["subscription"], {**about, "items": [item]})
    return _told(next(one for one in sub["items"]["data"] if one["id"] not in known))


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return _told(find(engine, name)[1])


def update(engine: Engine, name: str, params: Params) -> Obj:
    about, item = _split(params)
    sub, _ = find(engine, name)
    changed = subscriptions.update(engine, sub["id"], {**about, "items": [{**item, "id": name}]})
    return _told(next(one for one in changed["items"]["data"] if one["id"] == name))


def delete(engine: Engine, name: str, params: Params) -> Obj:
    about, _ = _split(params)
    sub, item = find(engine, name)
    subscriptions.update(engine, sub["id"], {**about, "items": [{"id": name, "deleted": True}]})
    return {**item, HIDDEN: {"deleted": True}}


def list_all(engine: Engine, params: Params) -> Obj:
    items = engine.get("subscription", params["subscription"], "subscription")["items"]["data"]
    return list_of(items, f"/v1/subscription_items?subscription={params['subscription']}")


def _told(item: Obj) -> Obj:
    return dict(item)
