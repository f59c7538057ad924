"""The same adapter and the same simulator, each in a process of its own, with a bad network between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from directfanz.backends.billing import open_billing
from directfanz.backends.billing.contract import Billing, Terms
from directfanz.backends.telemetry.opening import open_telemetry
from directfanz.errors import Unavailable
from directfanz.kit.money import Money
from directfanz.platform_toml import Platform
from tests.integration.billing.test_over_sockets import Hurried
from tests.support.plain_settings import plain_settings
from tests.support.stripe_simulator import SECRET_KEY, OwnProcess, stripe_process

CLOCK = Hurried()


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[OwnProcess]:
    async with stripe_process(tmp_path / "stripe") as running:
        yield running


@pytest.fixture
async def billing(provider: OwnProcess, platform: Platform) -> AsyncIterator[Billing]:
    settings = plain_settings(stripe_secret_key=SECRET_KEY, stripe_api_base=provider.base)
    opened = open_billing(settings, CLOCK, open_telemetry(settings, platform, "web"))
    yield opened
    await opened.close()


async def test_a_year_of_one_member_on_a_bad_network(provider: OwnProcess, billing: Billing) -> None:
    await provider.control("fail", kind="lost", times=1, path="/v1/customers")
    customer = await billing.ensure_customer(email="ben@example.com", name="Ben", metadata={}, key="ben")
    await provider.control("fail", kind="error", times=2, path="/v1/checkout")
    page = await billing.check_out_subscription(
        customer=customer,
        terms=Terms(price=Money(500, "USD"), interval="month", product="Ada · Gold", metadata={"tier": "gold"}),
        success_url="https://fans.example/ok",
        cancel_url="https://fans.example/no",
        expires_at=CLOCK.now() + timedelta(minutes=40),
        metadata={"order": "o"},
        key="page",
    )
    await provider.control(f"checkout/{page.id}/complete", card="4242424242424242")
    await provider.control("fail", kind="conflict", times=1, path="/v1/checkout")
    joined = (await billing.checkout(page.id)).subscription
    assert joined
    await provider.control("advance", seconds=366 * 86_400)
    moves = [
        move async for move in billing.balance_moves(CLOCK.now() - timedelta(days=1), CLOCK.now() + timedelta(days=400))
    ]
    assert [(move.kind, move.amount) for move in moves] == [("charge", Money(500, "USD"))] * 13
    assert await billing.balance() == [Money(13 * (500 - 45), "USD")]
    await provider.control("fail", kind="lost", times=5, path="/v1/subscriptions")
    with pytest.raises(Unavailable):
        await billing.cancel_at_end(joined, cancel=True, key="leave")
    await provider.control("fail", kind="error", times=0)
    assert (await billing.cancel_at_end(joined, cancel=True, key="leave")).cancels_at_end


async def test_what_was_answered_survives_a_kill(provider: OwnProcess, billing: Billing, platform: Platform) -> None:
    customer = await billing.ensure_customer(email="ben@example.com", name="Ben", metadata={}, key="ben")
    provider.kill()
    with pytest.raises(Unavailable):
        await billing.ensure_customer(email="ben@example.com", name="Ben", metadata={}, key="ben")
    port = int(provider.base.rpartition(":")[2])
    async with stripe_process(provider.state, port=port):
        assert await billing.ensure_customer(email="ben@example.com", name="Ben", metadata={}, key="ben") == customer
