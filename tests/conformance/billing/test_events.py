from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from directfanz.backends.billing.contract import SignatureWrong
from directfanz.backends.billing.stripe.adapter import StripeBilling
from directfanz.errors import Unavailable
from directfanz.kit.money import Money
from directfanz.local.simulators.stripe.engine import Happened
from directfanz.local.simulators.stripe.webhooks.signing import signature
from tests.conformance.billing.conftest import NO, OK, Joins, pays, somebody
from tests.support.billing import Till
from tests.support.stripe_simulator import WEBHOOK_SECRET


async def an_event(stage: Till) -> Happened:
    await pays(stage, Money(1000, "USD"))
    return next(one for one in stage.simulator.engine.take_events() if one.type == "payment_intent.succeeded")


def signed(stage: Till, event: Happened, secret: str = WEBHOOK_SECRET, late: int = 0) -> str:
    return signature(secret, int(stage.clock.now().timestamp()) - late, event.body)


async def test_what_the_provider_signed_is_read(stage: Till) -> None:
    happened = await an_event(stage)
    event = stage.billing.read_event(happened.body, signed(stage, happened), stage.clock.now())
    assert (event.id, event.kind, event.account) == (happened.id, "payment_intent.succeeded", None)
    assert event.object_id.startswith("pi_")
    assert event.object["amount"] == 1000
    assert event.created_at == stage.clock.now()


@pytest.mark.parametrize("late", [0, 299, -299])
async def test_five_minutes_either_way_are_forgiven(stage: Till, late: int) -> None:
    happened = await an_event(stage)
    stage.billing.read_event(happened.body, signed(stage, happened, late=late), stage.clock.now())


@pytest.mark.parametrize("late", [301, -301, 86_400])
async def test_an_old_one_is_not_believed(stage: Till, late: int) -> None:
    happened = await an_event(stage)
    with pytest.raises(SignatureWrong):
        stage.billing.read_event(happened.body, signed(stage, happened, late=late), stage.clock.now())


async def test_what_somebody_else_wrote_is_not_believed(stage: Till) -> None:
    happened, now = await an_event(stage), stage.clock.now()
    right = signed(stage, happened)
    other = happened.body.replace(b"1000", b"9000", 1)
    stamp = int(now.timestamp())
    for body, header in (
        (other, right),
        (happened.body, signed(stage, happened, "whsec_another")),
        (happened.body, ""),
        (happened.body, "v1=nonsense"),
        (happened.body, f"t={stamp}"),
        (happened.body, f"t={stamp},v0=" + right.split("v1=")[1]),
        (happened.body, right.replace(f"t={stamp}", f"t={stamp + 1}")),
        (happened.body, "t=99999999999999999999,v1=00"),
        (b"\xff\xfe", right),
        (b"", right),
    ):
        with pytest.raises(SignatureWrong):
            stage.billing.read_event(body, header, now)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b'{"id": "evt_1", "type": "x", "created": 1}', b"not json"])
async def test_what_is_signed_and_no_event_is_refused(stage: Till, body: bytes) -> None:
    header = signature(WEBHOOK_SECRET, int(stage.clock.now().timestamp()), body)
    with pytest.raises(SignatureWrong):
        stage.billing.read_event(body, header, stage.clock.now())


async def test_both_secrets_are_good_while_one_replaces_the_other(stage: Till) -> None:
    happened = await an_event(stage)
    both = StripeBilling(stage.billing._wire, stage.clock, ["whsec_new", WEBHOOK_SECRET])
    for secret in ("whsec_new", WEBHOOK_SECRET):
        both.read_event(happened.body, signed(stage, happened, secret), stage.clock.now())


async def test_without_a_secret_it_is_said(stage: Till) -> None:
    happened = await an_event(stage)
    none = StripeBilling(stage.billing._wire, stage.clock, [])
    with pytest.raises(Unavailable, match="WEBHOOK_SECRET"):
        none.read_event(happened.body, signed(stage, happened), stage.clock.now())


async def test_an_event_about_nothing_with_an_id(stage: Till) -> None:
    told = {"id": "evt_1", "type": "balance.available", "created": 1, "data": {"object": {"object": "balance"}}}
    body = msgspec.json.encode(told)
    header = signature(WEBHOOK_SECRET, int(stage.clock.now().timestamp()), body)
    assert stage.billing.read_event(body, header, stage.clock.now()).object_id == ""


async def test_what_happened_is_told_again_oldest_first(stage: Till, joins: Joins) -> None:
    begun = stage.clock.now()
    joined = await joins(trial_days=7)
    await stage.advance(days=7, hours=2)
    told = [event async for event in stage.billing.events(begun)]
    assert [event.created_at for event in told] == sorted(event.created_at for event in told)
    assert len({event.id for event in told}) == len(told) > 15
    assert told[0].kind == "customer.created"
    assert {"invoice.paid", "customer.subscription.updated"} <= {event.kind for event in told[-10:]}
    some = [event async for event in stage.billing.events(begun, begun + timedelta(days=1))]
    assert some
    assert len(some) < len(told)
    assert any(event.object_id == joined.id for event in some)


async def test_what_happened_in_a_creators_account_is_told_when_it_is_asked_for(stage: Till) -> None:
    """The platform's own list does not have it."""
    begun = stage.clock.now()
    opened = await stage.billing.open_account(country="US", email="ada@example.com", metadata={}, key="ada")
    stage.simulator.onboard(opened.id)
    customer = await somebody(stage)
    page = await stage.billing.check_out_payment(
        customer=customer, price=Money(5000, "USD"), product="A tip", success_url=OK, cancel_url=NO,
        expires_at=stage.clock.now() + timedelta(minutes=31), metadata={}, key="tip",
    )  # fmt: skip
    stage.simulator.complete_checkout(page.id)
    await stage.advance(days=3)
    await stage.billing.transfer(opened.id, Money(2000, "USD"), metadata={}, key="transfer")
    payout = await stage.billing.pay_out(opened.id, Money(2000, "USD"), metadata={"payout": "1"}, key="payout")
    await stage.advance(days=4)
    theirs = [event async for event in stage.billing.events(begun, account=opened.id)]
    paid = next(event for event in theirs if event.kind == "payout.paid")
    assert (paid.object_id, paid.account) == (payout.id, opened.id)
    assert {event.account for event in theirs} == {opened.id}
    own = [event async for event in stage.billing.events(begun)]
    assert "payout.paid" not in {event.kind for event in own}
    assert {event.id for event in own}.isdisjoint({event.id for event in theirs})
