"""Passkeys, with a device in software that makes real keys and signatures."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from directfanz.domains.accounts.errors import LastWayIn, LinkInvalid, PasskeyRefused, Suspended
from directfanz.domains.accounts.service import passkeys, passwords, second_factor, security
from directfanz.domains.accounts.service.security import security_of
from directfanz.errors import NotFound
from directfanz.http.caller import ConfirmFirst
from tests.support.accounts import Browser, Someone, Stage
from tests.support.authenticator import Authenticator


async def add(stage: Stage, who: Someone, device: Authenticator, name: str = "Laptop") -> None:
    caller = await stage.caller(who)
    begun = await passkeys.begin_passkey(stage.backends, caller)
    await passkeys.add_passkey(stage.backends, caller, begun.ticket, device.create(begun.options), name)


async def enter(stage: Stage, device: Authenticator, browser: Browser | None = None) -> Browser:
    browser = browser or stage.browser()
    begun = await passkeys.begin_passkey_sign_in(stage.backends)
    browser.keep(
        await passkeys.sign_in_with_passkey(stage.backends, begun.ticket, device.get(begun.options), browser.visitor)
    )
    return browser


async def test_a_passkey_alone_opens(stage: Stage) -> None:
    ada, device = await stage.joined("ada"), Authenticator()
    await add(stage, ada, device)
    browser = await enter(stage, device)
    caller = await stage.caller(browser)
    assert caller.user_id == ada.user_id
    assert caller.is_fresh(stage.clock.now())
    await stage.work()
    assert "A passkey was added to your account" in stage.mailbox.subjects(ada.email)


async def test_also_when_the_password_would_need_a_code(stage: Stage) -> None:
    import pyotp

    ada, device = await stage.joined("ada"), Authenticator()
    await add(stage, ada, device)
    setup = await second_factor.begin_totp(stage.backends, await stage.caller(ada))
    code = pyotp.TOTP(setup.secret).at(stage.clock.now())
    await second_factor.confirm_totp(stage.backends, await stage.caller(ada), code)
    await enter(stage, device)


async def test_the_options_ask_for_a_key_that_finds_its_owner(stage: Stage) -> None:
    ada = await stage.joined("ada")
    options = (await passkeys.begin_passkey(stage.backends, await stage.caller(ada))).options
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["rp"] == {"id": "localhost", "name": "DirectFanz"}
    asked = (await passkeys.begin_passkey_sign_in(stage.backends)).options
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials")


async def test_several_named_and_removed_but_not_the_last_way_in(stage: Stage) -> None:
    ada, laptop, phone = await stage.joined("ada"), Authenticator(), Authenticator()
    await add(stage, ada, laptop, "Laptop")
    await add(stage, ada, phone, "Phone")
    caller = await stage.caller(ada)
    first, second = (await security_of(stage.backends, caller)).passkeys
    await passkeys.rename_passkey(stage.backends, caller, first.id, "  Old   laptop ")
    await passkeys.remove_passkey(stage.backends, caller, second.id)
    with pytest.raises(PasskeyRefused):
        await enter(stage, phone)
    ada.browser.session = await passwords.remove_password(stage.backends, caller)
    caller = await stage.caller(ada)
    with pytest.raises(LastWayIn):
        await passkeys.remove_passkey(stage.backends, caller, first.id)
    assert [each.name for each in (await security_of(stage.backends, caller)).passkeys] == ["Old laptop"]
    await enter(stage, laptop)


async def test_two_last_ways_removed_at_once_leave_one(stage: Stage) -> None:
    ada, laptop, phone = await stage.joined("ada"), Authenticator(), Authenticator()
    await add(stage, ada, laptop)
    await add(stage, ada, phone)
    ada.browser.session = await passwords.remove_password(stage.backends, await stage.caller(ada))
    caller = await stage.caller(ada)
    keys = (await security_of(stage.backends, caller)).passkeys
    outcomes = await asyncio.gather(
        *(passkeys.remove_passkey(stage.backends, caller, key.id) for key in keys), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastWayIn", "NoneType"]


async def test_an_answer_opens_once(stage: Stage) -> None:
    ada = await stage.joined("ada")
    device = Authenticator(counts=False)
    await add(stage, ada, device)
    begun = await passkeys.begin_passkey_sign_in(stage.backends)
    answer = device.get(begun.options)
    outcomes = await asyncio.gather(
        *(
            passkeys.sign_in_with_passkey(stage.backends, begun.ticket, answer, stage.browser().visitor)
            for _ in range(4)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, LinkInvalid) for outcome in outcomes) == 3


async def test_an_answer_to_another_question_opens_nothing(stage: Stage) -> None:
    ada, device = await stage.joined("ada"), Authenticator()
    await add(stage, ada, device)
    old, new = [await passkeys.begin_passkey_sign_in(stage.backends) for _ in range(2)]
    with pytest.raises(PasskeyRefused):
        await passkeys.sign_in_with_passkey(
            stage.backends, new.ticket, device.get(old.options), stage.browser().visitor
        )


async def test_a_question_ages(stage: Stage) -> None:
    ada, device = await stage.joined("ada"), Authenticator()
    await add(stage, ada, device)
    begun = await passkeys.begin_passkey_sign_in(stage.backends)
    await stage.later(minutes=5)
    with pytest.raises(LinkInvalid):
        await passkeys.sign_in_with_passkey(
            stage.backends, begun.ticket, device.get(begun.options), stage.browser().visitor
        )


async def test_a_copy_of_a_key_is_found_by_its_counter(stage: Stage) -> None:
    ada, device = await stage.joined("ada"), Authenticator()
    await add(stage, ada, device)
    await enter(stage, device)
    await enter(stage, device)
    device.credentials[-1].count = 0
    with pytest.raises(PasskeyRefused):
        await enter(stage, device)


async def test_a_device_that_never_counts_keeps_working(stage: Stage) -> None:
    ada, device = await stage.joined("ada"), Authenticator(counts=False)
    await add(stage, ada, device)
    await enter(stage, device)
    await enter(stage, device)


@pytest.mark.parametrize("fault", ["origin", "unverified", "rp", "signature", "handle", "type"])
async def test_a_device_that_lies_is_refused(stage: Stage, fault: str) -> None:
    ada, device = await stage.joined("ada"), Authenticator()
    await add(stage, ada, device)
    begun = await passkeys.begin_passkey_sign_in(stage.backends)
    if fault == "origin":
        device.origin = "http://localhost.evil.example:8080"
    if fault == "unverified":
        device.verifies_people = False
    if fault == "rp":
        device.credentials[-1].rp_id = "evil.example"
    if fault == "handle":
        device.credentials[-1].user_handle = b"somebody else..."
    answer = device.get(begun.options)
    if fault == "signature":
        answer["response"]["signature"] = Authenticator.get(device, begun.options)["response"]["clientDataJSON"]
    if fault == "type":
        answer["type"] = "password"
    with pytest.raises(PasskeyRefused):
        await passkeys.sign_in_with_passkey(stage.backends, begun.ticket, answer, stage.browser().visitor)


@pytest.mark.parametrize("fault", ["origin", "unverified", "rp"])
async def test_a_lying_device_is_not_registered(stage: Stage, fault: str) -> None:
    ada, device = await stage.joined("ada"), Authenticator()
    caller = await stage.caller(ada)
    begun = await passkeys.begin_passkey(stage.backends, caller)
    if fault == "origin":
        device.origin = "https://evil.example"
    if fault == "unverified":
        device.verifies_people = False
    if fault == "rp":
        begun.options["rp"]["id"] = "evil.example"
    with pytest.raises(PasskeyRefused):
        await passkeys.add_passkey(stage.backends, caller, begun.ticket, device.create(begun.options), "Bad")


async def test_one_key_belongs_to_one_account(stage: Stage) -> None:
    ada, cy, device = await stage.joined("ada"), await stage.joined("cy"), Authenticator()
    await add(stage, ada, device)
    caller = await stage.caller(cy)
    begun = await passkeys.begin_passkey(stage.backends, caller)
    answer = device.create(begun.options)
    stolen, made = device.credentials[0], device.credentials[1]
    for name in ("id", "rawId"):
        answer[name] = _text(stolen.credential_id)
    raw = answer["response"]["attestationObject"]
    answer["response"]["attestationObject"] = _swapped(raw, made.credential_id, stolen.credential_id)
    with pytest.raises(PasskeyRefused):
        await passkeys.add_passkey(stage.backends, caller, begun.ticket, answer, "Taken")


async def test_cys_ticket_does_not_put_a_key_on_adas_account(stage: Stage) -> None:
    ada, cy, device = await stage.joined("ada"), await stage.joined("cy"), Authenticator()
    begun = await passkeys.begin_passkey(stage.backends, await stage.caller(cy))
    answer = device.create(begun.options)
    with pytest.raises(LinkInvalid):
        await passkeys.add_passkey(stage.backends, await stage.caller(ada), begun.ticket, answer, "Not hers")


HOSTILE: list[Any] = [
    {}, {"rawId": None}, {"rawId": "!!"}, {"rawId": "AAAA"}, {"rawId": "AAAA", "id": "AAAA"}, {"rawId": ["AAAA"]},
    {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": None},
    {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {"attestationObject": "AAAA", "clientDataJSON": "e30"}},
    {"id": "AAAA", "rawId": "AAAA", "type": "public-key",
     "response": {"attestationObject": _x, "clientDataJSON": _x}} if (_x := "ÿ" * 9) else {},
]  # fmt: skip


@pytest.mark.parametrize("answer", HOSTILE)
async def test_nonsense_from_a_device_is_refused(stage: Stage, answer: dict[str, Any]) -> None:
    ada, device = await stage.joined("ada"), Authenticator()
    await add(stage, ada, device)
    caller = await stage.caller(ada)
    begun = await passkeys.begin_passkey_sign_in(stage.backends)
    with pytest.raises(PasskeyRefused):
        await passkeys.sign_in_with_passkey(stage.backends, begun.ticket, answer, stage.browser().visitor)
    begun = await passkeys.begin_passkey(stage.backends, caller)
    with pytest.raises(PasskeyRefused):
        await passkeys.add_passkey(stage.backends, caller, begun.ticket, answer, "Nonsense")


async def test_nonsense_inside_a_real_answer_is_refused(stage: Stage) -> None:
    """Each part of an answer cut short and filled with noise."""
    ada, device = await stage.joined("ada"), Authenticator()
    await add(stage, ada, device)
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        for junk in ("", "AAAA", "_" * 4000, None, 7, {"a": 1}):
            begun = await passkeys.begin_passkey_sign_in(stage.backends)
            answer = device.get(begun.options)
            answer["response"][part] = junk
            browser = stage.browser()
            with pytest.raises(PasskeyRefused):
                await passkeys.sign_in_with_passkey(stage.backends, begun.ticket, answer, browser.visitor)
    caller = await stage.caller(ada)
    for part in ("clientDataJSON", "attestationObject"):
        for junk in ("", "AAAA", "_" * 4000, "oWNmbXRkbm9uZQ", None, 7, "n" * 9000):
            begun = await passkeys.begin_passkey(stage.backends, caller)
            answer = Authenticator().create({**begun.options, "excludeCredentials": []})
            answer["response"][part] = junk
            with pytest.raises(PasskeyRefused):
                await passkeys.add_passkey(stage.backends, caller, begun.ticket, answer, "Nonsense")


async def test_a_passkey_confirms_that_it_is_still_her(stage: Stage) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    device, his = Authenticator(), Authenticator()
    await add(stage, ada, device)
    await add(stage, cy, his)
    await stage.later(minutes=20)
    caller = await stage.caller(ada)
    with pytest.raises(ConfirmFirst):
        await passkeys.begin_passkey(stage.backends, caller)
    begun = await passkeys.begin_passkey_sign_in(stage.backends)
    with pytest.raises(PasskeyRefused):
        await passkeys.confirm_with_passkey(stage.backends, caller, begun.ticket, his.get(begun.options))
    begun = await passkeys.begin_passkey_sign_in(stage.backends)
    ada.browser.session = await passkeys.confirm_with_passkey(
        stage.backends, caller, begun.ticket, device.get(begun.options)
    )
    assert (await stage.caller(ada)).is_fresh(stage.clock.now())


async def test_a_suspended_person_is_told_so_and_stays_out(stage: Stage) -> None:
    from directfanz.domains.accounts.service import admin

    ada, olu, device = await stage.joined("ada"), await stage.joined("olu", "admin"), Authenticator()
    await add(stage, ada, device)
    await admin.suspend(stage.backends, await stage.caller(olu), ada.user_id, "Sells tickets twice")
    with pytest.raises(Suspended):
        await enter(stage, device)


async def test_there_is_nothing_to_rename_or_remove_of_somebody_else(stage: Stage) -> None:
    ada, cy, device = await stage.joined("ada"), await stage.joined("cy"), Authenticator()
    await add(stage, ada, device)
    (key,) = (await security.security_of(stage.backends, await stage.caller(ada))).passkeys
    with pytest.raises(NotFound):
        await passkeys.rename_passkey(stage.backends, await stage.caller(cy), key.id, "Mine")
    with pytest.raises(NotFound):
        await passkeys.remove_passkey(stage.backends, await stage.caller(cy), key.id)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _swapped(text: str, old: bytes, new: bytes) -> str:
    from webauthn.helpers import base64url_to_bytes

    return _text(base64url_to_bytes(text).replace(old, new))
