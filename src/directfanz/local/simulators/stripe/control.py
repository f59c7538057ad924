"""The simulator's own API, under /_simulator: what Stripe's dashboard, its banks and bad networks would do.

JSON only, so that a page of another site cannot send it from a browser without asking.
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath

from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.mischief import Mischief
from directfanz.local.simulators.stripe.simulator import Simulator
from directfanz.local.simulators.stripe.webhooks.disorder import Disorder
from directfanz.local.simulators.stripe.webhooks.sending import Sender

AnyRequest = Request[Any, Any, Any]
Told = dict[str, Any]


async def told(request: AnyRequest) -> Told:
    if request.content_type[0] != "application/json":
        raise Refusal("Send JSON, with `Content-Type: application/json`.", status=415)
    found = msgspec.json.decode(await request.body() or b"{}")
    if not isinstance(found, dict):
        raise Refusal("Send a JSON object.")
    return found


@get("/_simulator/state")
async def state(simulator: Given[Simulator]) -> Told:
    engine = simulator.engine
    return {
        "now": engine.now(),
        "webhooks": msgspec.to_builtins(simulator.disorder),
        "fail": msgspec.to_builtins(simulator.mischief),
        "waiting": [{"event": one["event"], "tries": one["tries"]} for one in simulator.outbox.waiting()],
    }


@post("/_simulator/webhooks", status_code=200)
async def webhooks(simulator: Given[Simulator], sender: Given[Sender], request: AnyRequest) -> Told:
    """{jitter_ms, duplicate_percent, drop_percent, paused}"""
    wanted = msgspec.convert(await told(request), Disorder)
    for name in wanted.__struct_fields__:
        setattr(simulator.disorder, name, getattr(wanted, name))
    sender.wake()
    return dict(msgspec.to_builtins(simulator.disorder))


@post("/_simulator/fail", status_code=200)
async def fail(simulator: Given[Simulator], request: AnyRequest) -> Told:
    """{kind: error | rate_limit | conflict | lost | hang, times, path, latency_ms}"""
    wanted = msgspec.convert(await told(request), Mischief)
    for name in wanted.__struct_fields__:
        setattr(simulator.mischief, name, getattr(wanted, name))
    return dict(msgspec.to_builtins(simulator.mischief))


@post("/_simulator/events/{event:str}/resend", status_code=200)
async def resend(simulator: Given[Simulator], event: FromPath[str]) -> Told:
    return {"deliveries": simulator.outbox.send_again(event)}


@post("/_simulator/advance", status_code=200)
async def advance(simulator: Given[Simulator], request: AnyRequest) -> Told:
    """{seconds} or {to}: everything that is due by then happens now, and the clock stays ahead by so much."""
    wanted = await told(request)
    now = simulator.engine.now()
    seconds = int(wanted["to"]) - now if "to" in wanted else int(wanted.get("seconds", 0))
    if seconds < 0:
        raise Refusal("Time does not go back.")
    simulator.engine.shift_by(seconds)
    return {"now": simulator.engine.now()}


@post("/_simulator/cards/{method:str}/fail", status_code=200)
async def card_fails(simulator: Given[Simulator], method: FromPath[str], request: AnyRequest) -> Told:
    """{decline_code}; an empty one heals the card."""
    simulator.make_card_fail(method, (await told(request)).get("decline_code", "generic_decline"))
    return {"payment_method": method}


@post("/_simulator/disputes", status_code=200)
async def dispute(simulator: Given[Simulator], request: AnyRequest) -> Told:
    """{charge, reason}"""
    wanted = await told(request)
    return simulator.dispute(wanted.get("charge", ""), wanted.get("reason", "fraudulent"))


@post("/_simulator/checkout/{session:str}/complete", status_code=200)
async def complete(simulator: Given[Simulator], session: FromPath[str], request: AnyRequest) -> Told:
    """{card, email, name, country, passes_challenge}: fills in the page and presses the button."""
    wanted = await told(request)
    known = {"card", "email", "name", "country", "passes_challenge"}
    if set(wanted) - known:
        raise Refusal(f"Only {', '.join(sorted(known))} can be filled in.")
    return simulator.complete_checkout(session, **wanted)


@post("/_simulator/checkout/{session:str}/expire", status_code=200)
async def expire(simulator: Given[Simulator], session: FromPath[str]) -> Told:
    simulator.expire_checkout(session)
    return {"session": session}


@post("/_simulator/challenges/{intent:str}", status_code=200)
async def challenge(simulator: Given[Simulator], intent: FromPath[str], request: AnyRequest) -> Told:
    """{passed}"""
    simulator.answer_challenge(intent, passed=bool((await told(request)).get("passed", True)))
    return {"intent": intent}


@post("/_simulator/accounts/{account:str}/onboard", status_code=200)
async def onboard(simulator: Given[Simulator], account: FromPath[str], request: AnyRequest) -> Told:
    """{account_number}"""
    return simulator.onboard(account, **await told(request))


@post("/_simulator/accounts/{account:str}/require", status_code=200)
async def require(simulator: Given[Simulator], account: FromPath[str], request: AnyRequest) -> Told:
    """{requirements: [...]}; none clears them."""
    simulator.demand(account, list((await told(request)).get("requirements", [])))
    return {"account": account}


def refused(_: AnyRequest, refusal: Refusal) -> Response[Told]:
    return Response(refusal.body(), status_code=refusal.status)


def malformed(_: AnyRequest, error: Exception) -> Response[Told]:
    return Response({"error": {"type": "invalid_request_error", "message": str(error)}}, status_code=400)


CONTROLS = [
    state, webhooks, fail, resend, advance, card_fails, dispute, complete, expire, challenge, onboard, require,
]  # fmt: skip
