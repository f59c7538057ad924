"""What sending a push promises, asked of a push service that checks the protocol and decrypts as a browser does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.push import open_push
from directfanz.backends.push.contract import MAX_MESSAGE_BYTES, PUSH_KEY, Gone, Push, PushMessage, Subscription
from directfanz.backends.push.encryption import encrypted
from directfanz.backends.secrets.file import FileSecrets
from directfanz.backends.telemetry import open_telemetry
from directfanz.errors import InvalidInput, Rejected, Unavailable
from directfanz.kit.signing import new_key_pair
from directfanz.kit.text import from_text, to_text
from directfanz.platform_toml import Platform
from directfanz.settings import Settings
from tests.support.push import PushService, push_service

HELLO = PushMessage(data="Grüße".encode(), ttl_seconds=60, urgency="high", topic="a" * 32)


@pytest.fixture
async def push(settings: Settings, platform: Platform, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Push]:
    secrets = FileSecrets(tmp_path / "vault")
    await secrets.put(PUSH_KEY, new_key_pair()[0].decode())
    opened = open_push(settings, secrets, clock, open_telemetry(settings, platform, "test"))
    yield opened
    await opened.close()


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with push_service() as running:
        yield running


async def test_it_arrives_and_only_the_browser_reads_it(push: Push, service: PushService) -> None:
    browser = service.browser()
    for data in (HELLO.data, b"", b"x" * MAX_MESSAGE_BYTES):
        await push.send(browser.subscription, msgspec.structs.replace(HELLO, data=data))
        assert browser.arrived[-1].text == data
    told = browser.arrived[0].headers
    assert (told["ttl"], told["urgency"], told["topic"]) == ("60", "high", "a" * 32)
    assert not service.refused


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (404, Gone),
        (410, Gone),
        (429, Unavailable),
        (500, Unavailable),
        (403, Unavailable),
        (302, Rejected),
        (413, Rejected),
    ],
)
async def test_what_a_service_answers(push: Push, service: PushService, status: int, raised: type[Exception]) -> None:
    browser = service.browser()
    browser.answers.append(status)
    with pytest.raises(raised) as failure:
        await push.send(browser.subscription, HELLO)
    if status == 429:
        assert isinstance(failure.value, Unavailable)
        assert failure.value.retry_after_seconds == 7
    await push.send(browser.subscription, HELLO)
    assert len(browser.arrived) == 1


async def test_nobody_there_and_keys_that_are_none(push: Push, service: PushService) -> None:
    closed = Subscription(endpoint="http://127.0.0.1:9/x", p256dh=service.browser().subscription.p256dh, auth=b"0" * 16)
    with pytest.raises(Unavailable):
        await push.send(closed, HELLO)
    browser = service.browser()
    for wrong in (b"\x04" + b"\x01" * 64, b"short"):
        with pytest.raises(Gone):
            await push.send(msgspec.structs.replace(browser.subscription, p256dh=wrong), HELLO)
    with pytest.raises(Rejected):
        await push.send(browser.subscription, msgspec.structs.replace(HELLO, data=b"x" * (MAX_MESSAGE_BYTES + 1)))
    assert not browser.arrived


async def test_without_a_key_it_says_so_and_finds_it_later(
    settings: Settings, platform: Platform, clock: ManualClock, service: PushService, tmp_path: Path
) -> None:
    secrets = FileSecrets(tmp_path / "vault")
    push = open_push(settings, secrets, clock, open_telemetry(settings, platform, "test"))
    assert await push.public_key() is None
    with pytest.raises(Unavailable):
        await push.send(service.browser().subscription, HELLO)
    await secrets.put(PUSH_KEY, new_key_pair()[0].decode())
    assert len(from_text(await push.public_key() or "")) == 65
    await push.close()


HOSTILE = (
    "http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x", "https://evil.example/x", "https://127.0.0.1/x",
    "https://[::1]/x", "https://169.254.169.254/latest/meta-data", "https://fcm.googleapis.com.evil.example/x",
    "https://evilfcm.googleapis.com/x", "https://user@fcm.googleapis.com/x", "https://fcm.googleapis.com@evil.example/x",
    "https://fcm.googleapis.com\\@evil.example/x", "https://evil.example#.push.apple.com", "https://10.0.0.1.push.apple.com.x/",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_SET", "//fcm.googleapis.com/x", "", "https://", "https://fcm.googleapis.com\r\n/x",
    "https://updates.push.services.mozilla.com:99999/x", "http://localhost/x", "http://0x7f000001/x", "http://2130706433/x",
    "https://push.services.mozilla.com.evil/x", "https://\u212apush.apple.com/x", "https://fcm.googleapis.com/" + "x" * 1000,
)  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
async def test_a_subscription_leads_nowhere_else(push: Push, address: str) -> None:
    with pytest.raises(InvalidInput):
        push.require_address(address)
    keys = ec.generate_private_key(ec.SECP256R1()).public_key()
    from directfanz.backends.push.encryption import point_of

    with pytest.raises(InvalidInput):
        await push.send(Subscription(endpoint=address, p256dh=point_of(keys), auth=b"0" * 16), HELLO)


async def test_which_addresses_are_let_through(
    settings: Settings, platform: Platform, clock: ManualClock, tmp_path: Path
) -> None:
    here = msgspec.structs.replace(settings, push_hosts=("push.example.org", ".wide.example"))
    production = msgspec.structs.replace(here, environment="production", site_url="https://directfanz.io")
    telemetry = open_telemetry(settings, platform, "test")
    for known, loopback in ((here, True), (production, False)):
        push = open_push(known, FileSecrets(tmp_path), clock, telemetry)
        for address in (
            "https://fcm.googleapis.com/fcm/send/abc:def", "https://updates.push.services.mozilla.com/wpush/v2/x",
            "https://web.push.apple.com/x", "https://wns2-par02p.notify.windows.com/w/?token=x",
            "https://push.example.org/x", "https://a.wide.example/x",
        ):  # fmt: skip
            assert push.require_address(address) == address
        if not loopback:
            with pytest.raises(InvalidInput):
                push.require_address("http://127.0.0.1:8000/x")
        await push.close()


def test_the_example_of_rfc_8291() -> None:
    """Appendix A: the same keys and salt give the same bytes."""
    sender = ec.derive_private_key(
        int.from_bytes(from_text("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )
    receiver = from_text("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    body = encrypted(
        b"When I grow up, I want to be a watermelon", receiver, from_text("BTBZMqHH6r4Tts7J_aSIgg"), sender=sender,
        salt=from_text("DGv6ra1nlYgDCS1FRnbzlw"),
    )  # fmt: skip
    assert to_text(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
        "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
