"""docs.stripe.com/webhooks: a process of its own, told to over a socket, killed, and still telling everything."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe

from tests.support.stripe_simulator import (
    SECRET_KEY,
    WEBHOOK_SECRET,
    Serving,
    free_port,
    stripe_process,
    stripe_serving,
)

PATIENCE_SECONDS = 60


@dataclass
class Ear:
    """Somebody's webhook endpoint: it answers what it is told to, and remembers what it heard."""

    port: int
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def ids(self) -> list[str]:
        return [json.loads(body)["id"] for _, body in self.heard]

    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.heard]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.heard) < count:
                self.news.clear()
                await self.news.wait()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) and b"POST" in head:
                named = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line)
                named = {name.lower(): value for name, value in named.items()}
                body = await reader.readexactly(int(named["content-length"]))
                status = self.answers.pop(0) if self.answers else 200
                self.heard.append((named["stripe-signature"], body))
                self.news.set()
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(port: int = 0) -> AsyncIterator[Ear]:
    ear = Ear(port or free_port())
    server = await asyncio.start_server(ear.take, "127.0.0.1", ear.port)
    try:
        yield ear
    finally:
        server.close()


@asynccontextmanager
async def told(file: Path | None = None) -> AsyncIterator[tuple[Serving, Ear]]:
    async with listening() as ear, stripe_serving(webhook=ear.url, file=file) as running:
        yield running, ear


async def test_deliveries_are_signed_and_sent_again_until_they_are_taken() -> None:
    async with told() as (running, ear):
        ear.answers = [500, 302]
        made = await running.client.v1.customers.create_async({"email": "ben@example.com"})
        await ear.until(3)
        assert len(set(ear.ids())) == 1
        for signed, body in ear.heard:
            event = stripe.Webhook.construct_event(body, signed, WEBHOOK_SECRET)
            assert event.type == "customer.created"
            assert event.data.object["id"] == made.id
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(ear.heard[0][1] + b" ", ear.heard[0][0], WEBHOOK_SECRET)
        await _nothing_waits(running)
        kept = await running.client.v1.events.retrieve_async(ear.ids()[0])
        assert kept.pending_webhooks == 0


async def _nothing_waits(running: Serving) -> None:
    """Each look is a turn of the loop, in which deliveries go on."""
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(1000):
            if not (await client.get(f"{running.base}/_simulator/state")).json()["waiting"]:
                return
    raise AssertionError("some deliveries are still waiting")


async def test_disorder_duplicates_and_what_is_resent() -> None:
    async with told() as (running, ear):
        await running.control("webhooks", jitter_ms=1500, duplicate_percent=100)
        made = [await running.client.v1.customers.create_async({"name": str(n)}) for n in range(8)]
        await ear.until(16)
        order = [json.loads(body)["data"]["object"]["id"] for _, body in ear.heard]
        assert sorted(order) == sorted([one.id for one in made] * 2)
        assert list(dict.fromkeys(order)) != [one.id for one in made]
        await running.control("webhooks")
        await running.control(f"events/{ear.ids()[0]}/resend")
        await ear.until(17)
        assert ear.ids()[16] == ear.ids()[0]


async def test_an_endpoint_of_its_own_choice() -> None:
    """docs.stripe.com/api/webhook_endpoints: the secret is told once, and only what was asked for is sent."""
    async with listening() as ear, stripe_serving() as running:
        api = running.client.v1
        wanted: Any = {"url": ear.url, "enabled_events": ["product.created"]}
        endpoint = await api.webhook_endpoints.create_async(wanted)
        assert endpoint.secret
        assert "secret" not in await api.webhook_endpoints.retrieve_async(endpoint.id)
        await api.customers.create_async({})
        await api.products.create_async({"name": "Gold"})
        await ear.until(1)
        stripe.Webhook.construct_event(ear.heard[0][1], ear.heard[0][0], endpoint.secret)
        await api.webhook_endpoints.delete_async(endpoint.id)
        await api.products.create_async({"name": "Silver"})
        await _nothing_waits(running)
        assert ear.kinds() == ["product.created"]


async def test_killed_it_forgets_nothing_and_tells_what_it_had_not_told(tmp_path: Path) -> None:
    port = free_port()
    folder = tmp_path / "stripe"
    async with stripe_process(folder, webhook=f"http://127.0.0.1:{port}/hooks") as running:
        api = running.client.v1
        options: Any = {"idempotency_key": "once"}
        ben = await api.customers.create_async({"email": "ben@example.com"}, options)
        sub = await _subscribed(api, ben.id)
        running.kill()
    async with listening(port) as ear, stripe_process(folder, webhook=ear.url) as running:
        api = running.client.v1
        assert (await api.subscriptions.retrieve_async(sub)).status == "active"
        again = await api.customers.create_async({"email": "ben@example.com"}, options)
        assert again.id == ben.id
        # What the first process had for an endpoint of its start goes to the one of this start.
        events = await api.events.list_async({"limit": 100})
        assert {"customer.created", "invoice.paid"} <= {one.type for one in events.data}
        await ear.until(len(events.data))
        assert set(ear.ids()) == {one.id for one in events.data}


async def _subscribed(api: Any, customer: str) -> str:
    method = await api.payment_methods.attach_async("pm_card_visa", {"customer": customer})
    data = {"currency": "usd", "unit_amount": 500, "recurring": {"interval": "month"}}
    product = await api.products.create_async({"name": "Gold"})
    price = await api.prices.create_async({**data, "product": product.id})
    told = {"customer": customer, "items": [{"price": price.id}], "default_payment_method": method.id}
    return str((await api.subscriptions.create_async(told)).id)


async def test_time_can_be_moved_and_stays_moved(tmp_path: Path) -> None:
    file = tmp_path / "stripe.sqlite3"
    async with told(file) as (running, ear):
        api = running.client.v1
        sub = await _subscribed(api, (await api.customers.create_async({})).id)
        moved = await running.control("advance", seconds=32 * 86_400)
        assert "customer.subscription.updated" in ear.kinds() or await _hears(ear, "customer.subscription.updated")
        invoices = await api.invoices.list_async({"subscription": sub})
        assert len(invoices.data) == 2
        later = await api.customers.create_async({})
        assert later.created >= moved["now"]
    async with stripe_serving(file=file) as running:
        assert (await running.client.v1.customers.create_async({})).created >= moved["now"]


async def _hears(ear: Ear, kind: str) -> bool:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while kind not in ear.kinds():
            ear.news.clear()
            await ear.news.wait()
    return True


async def test_answers_that_never_arrive() -> None:
    """docs.stripe.com/error-low-level: after a lost answer, the same key finds out what happened."""
    async with stripe_serving() as running:
        api: Any = running.client.v1
        options = {"idempotency_key": "lost"}
        await running.control("fail", kind="lost", times=1)
        with pytest.raises(stripe.APIConnectionError):
            await api.customers.create_async({"email": "ben@example.com"}, options)
        found = await api.customers.create_async({"email": "ben@example.com"}, options)
        assert found.last_response.headers["idempotent-replayed"] == "true"
        assert len((await api.customers.list_async({})).data) == 1


async def test_two_at_once_with_one_key() -> None:
    """docs.stripe.com/error-low-level#idempotency: the second is a 409."""
    async with stripe_serving() as running:
        await running.control("fail", times=0, latency_ms=300)
        headers = {"Authorization": f"Bearer {SECRET_KEY}", "Idempotency-Key": "both"}
        async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
            address = f"{running.base}/v1/customers"
            answers = await asyncio.gather(*(client.post(address, data={"name": "Ben"}) for _ in range(2)))
        assert sorted(one.status_code for one in answers) == [200, 409]


async def test_the_controls_take_json_only() -> None:
    """A form is what a page of another site could send from a browser."""
    async with stripe_serving() as running, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{running.base}/_simulator/advance", data={"seconds": "5"})
        assert answer.status_code == 415
        answer = await client.post(f"{running.base}/_simulator/fail", json={"kind": "nonsense"})
        assert answer.status_code == 400
