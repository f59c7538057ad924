"""The provider tells what happened: only what it signed is read, and each has its effect once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
import stripe

from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.payments.errors import NoSuchEvent
from directfanz.domains.payments.service import overseeing
from directfanz.local.simulators.stripe.webhooks import signing
from directfanz.processes.web.app import create_app
from directfanz.processes.web.routes import all_routes, authenticate
from tests.support.money import MoneyStage
from tests.support.stripe_simulator import WEBHOOK_SECRET

PATH = "/api/v1/provider-events/stripe"
JSON = "application/json"


@pytest.fixture
async def client(stage: MoneyStage) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(stage.backends, authenticate, all_routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8080") as made:
        yield made
    app.close()


def signed(body: bytes, at: float, secret: str = WEBHOOK_SECRET) -> str:
    moment = int(at)
    signature = stripe.WebhookSignature._compute_signature(f"{moment}.{body.decode('latin-1')}", secret)
    return f"t={moment},v1={signature}"


async def post(client: httpx.AsyncClient, body: bytes, signature: str, kind: str = JSON) -> httpx.Response:
    return await client.post(PATH, content=body, headers={"Stripe-Signature": signature, "Content-Type": kind})


def told(stage: MoneyStage, kind: str) -> bytes:
    """The newest of its kind, as it is sent."""
    return next(each.body for each in reversed(stage.till.simulator.engine.take_events()) if each.type == kind)


async def counted(stage: MoneyStage) -> int:
    return int(await stage.backends.database.fetch_value("SELECT count(*) FROM provider_events"))


async def test_an_event_is_taken_once_however_often_it_comes(stage: MoneyStage, client: httpx.AsyncClient) -> None:
    ben = await stage.fan("ben")
    opened = await stage.tip(ben, 500)
    stage.pay(opened)
    body = told(stage, "payment_intent.succeeded")
    now = stage.clock.now().timestamp()
    answers = [await post(client, body, signed(body, now)) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert [each.json()["taken"] for each in answers] == [True, False, False]
    assert (await stage.order(opened)).state == "paid"
    assert await stage.problems() == []


async def test_what_is_not_signed_now_by_the_provider_is_not_read(stage: MoneyStage, client: httpx.AsyncClient) -> None:
    ben = await stage.fan("ben")
    stage.pay(await stage.tip(ben, 500))
    body = told(stage, "payment_intent.succeeded")
    now, before = stage.clock.now().timestamp(), await counted(stage)
    forged = signed(body, now, "whsec_somebody_elses_secret_altogether")
    altered = body.replace(b"500", b"900")
    for what, signature in [
        (body, ""), (body, "t=1"), (body, "t=,v1="), (body, "é"), (body, forged), (altered, signed(body, now)),
        (body, signed(body, now - 301)), (body, signed(body, now + 301)), (body, signed(body, now).replace("v1=", "v0=")),
        (b"", signed(b"", now)), (b"[]", signed(b"[]", now)), (b"\xff\x00", signed(b"\xff\x00", now)),
    ]:  # fmt: skip
        answer = await client.post(
            PATH, content=what, headers=[(b"stripe-signature", signature.encode()), (b"content-type", JSON.encode())]
        )
        assert answer.status_code == 400, (signature, answer.text)
        assert answer.json()["error"]["code"] == "signature_wrong"
    assert await counted(stage) == before


async def test_a_body_of_another_kind_or_far_too_large_is_refused(stage: MoneyStage, client: httpx.AsyncClient) -> None:
    now = stage.clock.now().timestamp()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert (await post(client, b"{}", signed(b"{}", now), kind)).status_code == 415
    large = b"{" + b" " * 600_000 + b"}"
    assert (await post(client, large, signed(large, now))).status_code == 413
    huge = b" " * (3 * 1024 * 1024)
    assert (await post(client, huge, signed(huge, now))).status_code == 413
    assert (await client.get(PATH)).status_code == 405


async def test_an_unknown_kind_is_kept_and_answered(stage: MoneyStage, client: httpx.AsyncClient) -> None:
    raw = {
        "id": "evt_unknown_1", "object": "event", "type": "moon.landed", "created": int(stage.clock.now().timestamp()),
        "api_version": None, "livemode": False, "pending_webhooks": 0, "request": None,
        "data": {"object": {"id": "moon_1", "object": "moon"}},
    }  # fmt: skip
    body = msgspec.json.encode(raw)
    assert (await post(client, body, signed(body, stage.clock.now().timestamp()))).json() == {"taken": True}
    (kept,) = [
        each for each in await overseeing.newest_events(stage.backends, failed=False) if each.kind == "moon.landed"
    ]
    assert (kept.handled, kept.processed_at) == (False, stage.clock.now())


async def test_one_that_fails_is_kept_answered_with_503_and_replayed(
    stage: MoneyStage, client: httpx.AsyncClient
) -> None:
    olu, ben = await stage.fan("olu"), await stage.fan("ben")
    opened = await stage.tip(ben, 500)
    stage.pay(opened)
    body = told(stage, "payment_intent.succeeded")
    whole = msgspec.json.decode(body)
    broken = msgspec.json.encode({**whole, "data": {"object": {**whole["data"]["object"], "id": "pi_of_nobody"}}})
    answer = await post(client, broken, signed(broken, stage.clock.now().timestamp()))
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "event_failed"
    (failed,) = await overseeing.newest_events(stage.backends, failed=True)
    assert (failed.event_id, failed.attempts) == (whole["id"], 1)
    assert failed.error
    assert (await stage.order(opened)).state == "pending"
    answer = await post(client, body, signed(body, stage.clock.now().timestamp()))
    assert answer.status_code == 200
    assert await overseeing.newest_events(stage.backends, failed=True) == []
    assert (await stage.order(opened)).state == "paid"
    done = await overseeing.replay(stage.backends, await stage.caller(olu, "admin"), whole["id"])
    assert done.attempts == 2
    with pytest.raises(NoSuchEvent):
        await overseeing.replay(stage.backends, await stage.caller(olu, "admin"), "evt_none")


async def test_a_provider_that_is_away_makes_it_come_again(stage: MoneyStage, client: httpx.AsyncClient) -> None:
    ben = await stage.fan("ben")
    opened = await stage.tip(ben, 500)
    stage.pay(opened)
    body = told(stage, "payment_intent.succeeded")
    stage.till.simulator.mischief.times = 10
    answer = await post(client, body, signed(body, stage.clock.now().timestamp()))
    assert answer.status_code >= 500
    stage.till.simulator.mischief.times = 0
    await stage.later(minutes=2)
    assert (await post(client, body, signed(body, stage.clock.now().timestamp()))).json() == {"taken": True}
    assert (await stage.order(opened)).state == "paid"


async def test_what_comes_at_once_is_taken_together_and_each_hears_of_its_own(
    stage: MoneyStage, client: httpx.AsyncClient
) -> None:
    """A month later, with twelve members: renewals, repeats, one that means nothing, and one whose object the provider lost."""
    fans = [await stage.fan(f"fan{number}") for number in range(12)]
    for fan in fans:
        stage.pay(await stage.join(fan, 900 + fans.index(fan)))
    await stage.told()
    await stage.later(days=31, hours=3)
    news = [each.body for each in stage.till.simulator.engine.take_events()]
    broken = news[0].replace(b'"id":"evt_', b'"id":"evt_broken', 1)
    lost = msgspec.json.decode(broken)
    lost["type"], lost["data"]["object"]["id"] = "invoice.paid", "in_that_is_gone"
    bodies = [*news, msgspec.json.encode(lost), news[3], news[5]]
    now = int(stage.clock.now().timestamp())
    answers = await asyncio.gather(
        *(post(client, body, signing.signature(WEBHOOK_SECRET, now, body)) for body in bodies)
    )
    codes = [each.status_code for each in answers]
    assert codes == [*[200] * len(news), 503, 200, 200]
    taken = [each.json().get("taken") for each in answers if each.status_code == 200]
    assert taken.count(False) == 2
    await stage.people.work()
    paid = await stage.backends.database.fetch(
        "SELECT o.total, m.amount, m.state, o.fee, o.paid_at > m.period_start - interval '1 day' FROM orders o "
        "JOIN memberships m ON m.id = o.membership_id WHERE o.invoice IS NOT NULL ORDER BY o.paid_at, o.total"
    )
    assert len(paid) == 24
    assert all(row[0] == row[1] and row[2] == "active" and row[3] > 0 for row in paid)
    numbers = await stage.backends.database.fetch("SELECT number FROM invoices ORDER BY number")
    assert [row[0] for row in numbers] == list(range(1, 25))
    receipts = "SELECT count(*) FROM notifications WHERE kind = 'payments.receipt'"
    assert await stage.backends.database.fetch_value(receipts) == 24
    assert await stage.problems() == []
    async with stage.backends.database.writing() as tx:
        assert await entitlements.compare(tx, stage.clock.now()) == []
