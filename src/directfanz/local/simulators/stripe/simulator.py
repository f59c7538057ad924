"""The simulator as one thing: what the site serves, and what a test drives without sockets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from directfanz.backends.clock.contract import Clock
from directfanz.local.simulators.stripe.engine import Engine, Options, accounts, checkout, disputes, endpoints
from directfanz.local.simulators.stripe.engine.cards import BY_NUMBER, DECLINES
from directfanz.local.simulators.stripe.engine.completing import Submission, complete, wants_challenge
from directfanz.local.simulators.stripe.engine.confirming import answer_challenge, answer_setup_challenge
from directfanz.local.simulators.stripe.engine.core import HIDDEN, PLATFORM
from directfanz.local.simulators.stripe.engine.errors import Refusal, invalid
from directfanz.local.simulators.stripe.engine.payment_methods import card_numbered, make
from directfanz.local.simulators.stripe.http.api import Answer, Api, Call
from directfanz.local.simulators.stripe.http.calls import all_calls
from directfanz.local.simulators.stripe.mischief import Mischief, body_of
from directfanz.local.simulators.stripe.store import Journal, Obj, Store
from directfanz.local.simulators.stripe.webhooks.disorder import Disorder
from directfanz.local.simulators.stripe.webhooks.outbox import Outbox

OF_START = "we_start"


class Hook(msgspec.Struct, frozen=True):
    """An endpoint given at the start: it hears everything, of the platform and of connected accounts."""

    url: str
    secret: str


class Simulator:
    def __init__(
        self, clock: Clock, secret_key: str, *, file: Path | None = None, options: Options | None = None
    ) -> None:
        self.engine = Engine(Store(Journal(file) if file else None), clock, options)
        self.api = Api(self.engine, secret_key, all_calls())
        self.disorder = Disorder()
        self.mischief = Mischief()
        self.outbox = Outbox(self.engine)

    def close(self) -> None:
        self.engine.store.close()

    def answer(self, call: Call) -> Answer:
        """With the misbehaviour that was asked for, except what only a socket can do."""
        kind = self.mischief.take(call.path)
        if kind in ("error", "rate_limit", "conflict"):
            status, body = body_of(kind)
            return Answer(status, body, {"Content-Type": "application/json", "Request-Id": "req_mischief"})
        answer = self.api.answer(call)
        self.engine.finish()
        return answer

    def listen(self, hooks: Sequence[Hook]) -> None:
        """Endpoints of the start. They take the place of the last start's, with what those had not been told yet."""
        with self.engine.books(PLATFORM):
            left = {one["id"] for one in self.engine.newest("webhook_endpoint") if one["id"].startswith(OF_START)}
            for number, hook in enumerate(hooks):
                for connect in (False, True):
                    given = {"url": hook.url, "enabled_events": ["*"], "connect": connect}
                    name = f"{OF_START}{number}{'connect' if connect else ''}"
                    endpoints.make(self.engine, given, hook.secret, name)
                    left.discard(name)
            for name in left:
                self.engine.store.remove(name)
        self.engine.commit()

    # --- what a person does on a hosted page ---------------------------------------------------------------------------

    def complete_checkout(
        self,
        session: str,
        *,
        card: str = "4242424242424242",
        email: str = "ben@example.com",
        name: str = "Ben Okafor",
        country: str = "US",
        passes_challenge: bool = True,
    ) -> Obj:
        """Fills in the page and presses the button."""
        engine = self.engine
        try:
            found = engine.get("checkout.session", session)
            method = make(engine, card_numbered(engine, _typed(card)), {})
            if wants_challenge(found, method) and not passes_challenge:
                raise Refusal("We are unable to authenticate your payment method.", code="authentication_failed")
            submission = Submission(email, name, country, method, authenticated=wants_challenge(found, method))
            complete(engine, found, submission)
            engine.commit()
            return engine.snapshot(engine.get("checkout.session", session))
        finally:
            engine.rollback()

    def answer_challenge(self, intent: str, *, passed: bool = True) -> None:
        """The bank's page of 3-D Secure."""
        found = self.engine.store.find(intent)
        if found is None:
            raise invalid("intent", f"There is no {intent}.")
        with self.engine.books(found[HIDDEN]["account"]):
            if found["object"] == "setup_intent":
                answer_setup_challenge(self.engine, found, passed=passed)
            else:
                answer_challenge(self.engine, found, passed=passed)
        self.engine.commit()

    def onboard(self, account: str, *, account_number: str = "000123456789") -> Obj:
        made = accounts.finish_onboarding(self.engine, account, {"account_number": account_number, "name": "Ada Marsh"})
        told = self.engine.snapshot(made)
        self.engine.commit()
        return told

    # --- what the outside world does -----------------------------------------------------------------------------------

    def make_card_fail(self, method: str, decline: str = "generic_decline") -> None:
        """From now on; an empty decline heals it."""
        if decline and decline not in DECLINES:
            raise invalid("decline", f"One of {', '.join(DECLINES)}.")
        found = self.engine.get("payment_method", method)
        found[HIDDEN]["fails_with"] = decline
        self.engine.store.save(found)
        self.engine.commit()

    def dispute(self, charge: str, reason: str = "fraudulent") -> Obj:
        made = self.engine.snapshot(disputes.open_dispute(self.engine, self.engine.get("charge", charge), reason))
        self.engine.commit()
        return made

    def demand(self, account: str, due: list[str]) -> None:
        accounts.demand(self.engine, account, due)
        self.engine.commit()

    def expire_checkout(self, session: str) -> None:
        checkout.run_out(self.engine, self.engine.get("checkout.session", session))
        self.engine.commit()


def _typed(card: str) -> Obj:
    number = card.replace(" ", "")
    if number not in BY_NUMBER:
        raise invalid("card", f"{card} is not a test card.")
    return {"number": number, "exp_month": 12, "exp_year": 2099, "cvc": "1234" if number.startswith("37") else "123"}
