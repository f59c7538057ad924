"""Which Stripe the platform of one machine talks to."""

from __future__ import annotations

from pathlib import Path

from directfanz.local.environment import stripe_keys, uses_real_stripe
from directfanz.local.state import State

KEY = "DIRECTFANZ_STRIPE_SECRET_KEY"


def test_the_simulator_has_keys_of_this_checkout(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.open()
    keys = stripe_keys(state)
    assert keys["stripe_secret_key"].startswith("sk_test_")
    assert keys["stripe_webhook_secret"].startswith("whsec_")
    assert stripe_keys(state) == keys
    assert not uses_real_stripe(state, {})
    assert not uses_real_stripe(state, {KEY: keys["stripe_secret_key"]})


def test_a_key_of_ones_own_leads_to_stripe_itself(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.open()
    assert uses_real_stripe(state, {KEY: "sk_test_from_stripes_dashboard"})
    assert uses_real_stripe(state, {f"{KEY}_FILE": "/run/secrets/stripe"})
