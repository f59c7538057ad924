"""docs.stripe.com/customer-management: a page of Stripe's on which a customer looks after cards and subscriptions."""

from __future__ import annotations

from directfanz.local.simulators.stripe.engine.core import Engine, Params, new_name
from directfanz.local.simulators.stripe.engine.fields import metadata
from directfanz.local.simulators.stripe.engine.lists import listing
from directfanz.local.simulators.stripe.store import Obj

CONFIGURATION = "billing_portal.configuration"


def create_configuration(engine: Engine, params: Params) -> Obj:
    profile = params.get("business_profile") or {}
    asked = params.get("features") or {}
    fields = {
        "active": True,
        "application": None,
        "business_profile": {n: profile.get(n) for n in ("headline", "privacy_policy_url", "terms_of_service_url")},
        "default_return_url": params.get("default_return_url"),
        "features": _features(asked),
        "is_default": bool(params.get("is_default")),
        "login_page": {"enabled": False, "url": None},
        "metadata": metadata(None, params.get("metadata")),
        "name": params.get("name"),
        "updated": engine.now(),
    }
    return engine.make("bpc", CONFIGURATION, fields)


def _features(asked: Params) -> Obj:
    update = asked.get("subscription_update") or {}
    cancel = asked.get("subscription_cancel") or {}
    return {
        "customer_update": {"allowed_updates": [], "enabled": False, **(asked.get("customer_update") or {})},
        "invoice_history": {"enabled": True, **(asked.get("invoice_history") or {})},
        "payment_method_update": {
            "enabled": True,
            "payment_method_configuration": None,
            **(asked.get("payment_method_update") or {}),
        },
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "options": []},
            "enabled": True,
            "mode": "at_period_end",
            "proration_behavior": "none",
            **cancel,
        },
        "subscription_pause": {
            "duration": {"interval_options": [], "type": "indefinite"},
            "enabled": False,
            **(asked.get("subscription_pause") or {}),
        },
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": [],
            "enabled": False,
            "products": [],
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
            **update,
        },
    }


def _default(engine: Engine) -> str:
    for configuration in engine.newest(CONFIGURATION):
        if configuration["is_default"]:
            return str(configuration["id"])
    return str(create_configuration(engine, {"is_default": True})["id"])


def create(engine: Engine, params: Params) -> Obj:
    customer = engine.get("customer", params["customer"], "customer")
    if params.get("configuration"):
        engine.get(CONFIGURATION, params["configuration"], "configuration")
    name = new_name("bps")
    fields = {
        "configuration": params.get("configuration") or _default(engine),
        "customer": customer["id"],
        "customer_account": None,
        "flow": None,
        "locale": params.get("locale"),
        "on_behalf_of": None,
        "return_url": params.get("return_url"),
        "url": f"{engine.options.public_url}/p/session/{name}",
    }
    return engine.make("bps", "billing_portal.session", fields, name=name)


def list_configurations(engine: Engine, params: Params) -> Obj:
    return listing(engine, CONFIGURATION, params, "/v1/billing_portal/configurations", active=params.get("active"))


def retrieve_configuration(engine: Engine, name: str, _: Params) -> Obj:
    return engine.get(CONFIGURATION, name)
