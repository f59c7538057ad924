"""docs.stripe.com/api/webhook_endpoints: who is told what happened."""

from __future__ import annotations

import secrets

from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM, Engine, Happened, Params
from directfanz.local.simulators.stripe.engine.errors import invalid
from directfanz.local.simulators.stripe.engine.fields import metadata, take
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj


def create(engine: Engine, params: Params) -> Obj:
    """The secret is in this answer and in no later one."""
    endpoint = make(engine, params, f"whsec_{secrets.token_urlsafe(24)}")
    return {**endpoint, "secret": endpoint[HIDDEN]["secret"]}


def make(engine: Engine, params: Params, secret: str, name: str = "") -> Obj:
    if not params["url"].startswith(("http://", "https://")):
        raise invalid("url", "Invalid URL: An explicit scheme (such as https) must be provided.", "url_invalid")
    fields = {
        "api_version": params.get("api_version"),
        "application": None,
        "description": params.get("description") or None,
        "enabled_events": list(params["enabled_events"]),
        "metadata": metadata(None, params.get("metadata")),
        "status": "enabled",
        "url": params["url"],
    }
    endpoint = engine.make("we", "webhook_endpoint", fields, name=name)
    endpoint[HIDDEN] |= {"secret": secret, "connect": bool(params.get("connect"))}
    engine.store.save(endpoint)
    return endpoint


def retrieve(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get("webhook_endpoint", name)


def update(engine: Engine, name: str, params: Params) -> Obj:
    endpoint = engine.get("webhook_endpoint", name)
    take(endpoint, params, "url", "enabled_events", "description")
    endpoint["metadata"] = metadata(endpoint["metadata"], params.get("metadata"))
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    engine.store.save(endpoint)
    return endpoint


def delete(engine: Engine, name: str, _: Params) -> Obj:
    endpoint = engine.get("webhook_endpoint", name)
    endpoint[HIDDEN]["deleted"] = True
    endpoint["status"] = "disabled"
    engine.store.save(endpoint)
    return endpoint


def list_all(engine: Engine, params: Params) -> Obj:
    return listing(engine, "webhook_endpoint", params, "/v1/webhook_endpoints")


def listening(engine: Engine, event: Happened) -> list[Obj]:
    """The platform's endpoints hear of the platform; those for Connect of the connected accounts."""
    with engine.books(PLATFORM):
        return [one for one in engine.newest("webhook_endpoint") if hears(one, event)]


def hears(endpoint: Obj, event: Happened) -> bool:
    if endpoint["status"] != "enabled" or endpoint[HIDDEN]["connect"] != bool(event.account):
        return False
    wanted = endpoint["enabled_events"]
    return "*" in wanted or event.type in wanted
