"""Tokens, tickets, sealed secrets and codes: each opens what it was made for and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.accounts.models import Purpose
from directfanz.domains.accounts.service import secrets
from directfanz.domains.accounts.service.memory import _ENCODER, Remembered, decode, key_of
from directfanz.domains.accounts.service.sessions import prefix_of
from directfanz.kit.signing import TokenSigner

SIGNER = TokenSigner("a key for tests that nobody needs to guess")
OTHER = TokenSigner("another key for tests, as long as the first")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@given(st.uuids(), st.sampled_from(PURPOSES), st.sampled_from(PURPOSES))
def test_a_link_opens_its_own_request_for_its_own_purpose(request_id: UUID, made_for: Purpose, asked: Purpose) -> None:
    token = secrets.link_token(SIGNER, made_for, request_id)
    assert secrets.opened_link(SIGNER, asked, token) == (request_id if made_for == asked else None)
    assert secrets.opened_link(OTHER, made_for, token) is None
    assert token.isascii()
    assert not set(token) & set("+/=&?#%")


@given(st.text(max_size=80))
def test_no_text_is_a_link(text: str) -> None:
    assert secrets.opened_link(SIGNER, "reset", text) is None


def test_every_bit_of_a_link_counts() -> None:
    token = secrets.link_token(SIGNER, "reset", uuid4())
    for at in range(len(token) - 1):
        for other in "AB":
            if token[at] != other:
                assert secrets.opened_link(SIGNER, "reset", token[:at] + other + token[at + 1 :]) is None


@given(st.text(max_size=60), st.uuids(), st.uuids())
def test_what_is_sealed_opens_for_its_owner_alone(text: str, owner: UUID, other: UUID) -> None:
    sealed = secrets.sealed(SIGNER, owner, text)
    assert secrets.unsealed(SIGNER, owner, sealed) == text
    assert secrets.unsealed(OTHER, owner, sealed) is None
    if other != owner:
        assert secrets.unsealed(SIGNER, other, sealed) is None
    assert secrets.sealed(SIGNER, owner, text) != sealed


@given(st.lists(st.text(max_size=30), max_size=4))
def test_a_ticket_carries_its_parts_until_it_ends(parts: list[str]) -> None:
    text = secrets.ticket(SIGNER, "flow", NOW + timedelta(minutes=5), *parts)
    assert secrets.opened_ticket(SIGNER, "flow", text, NOW) == parts
    assert secrets.opened_ticket(SIGNER, "other", text, NOW) is None
    assert secrets.opened_ticket(OTHER, "flow", text, NOW) is None
    assert secrets.opened_ticket(SIGNER, "flow", text, NOW + timedelta(minutes=5)) is None
    assert secrets.opened_ticket(SIGNER, "flow", text + "x", NOW) is None


def test_recovery_codes_are_long_plain_and_typed_as_one_likes() -> None:
    codes = {secrets.new_recovery_code() for _ in range(200)}
    assert len(codes) == 200
    owner, other = uuid4(), uuid4()
    for code in codes:
        assert len(code) == 14
        assert not set(code) & set("01ILOU")
        hashed = secrets.recovery_hash(SIGNER, owner, code)
        for typed in (code.lower(), code.replace("-", ""), f" {code} ", code.replace("-", " ")):
            assert secrets.recovery_hash(SIGNER, owner, typed) == hashed
        assert secrets.recovery_hash(SIGNER, other, code) != hashed
        assert secrets.recovery_hash(OTHER, owner, code) != hashed


def test_an_address_is_not_told_by_its_key() -> None:
    assert secrets.address_key(SIGNER, "Ada@example.com") == secrets.address_key(SIGNER, "ada@EXAMPLE.com")
    assert secrets.address_key(SIGNER, "ada@example.com") != secrets.address_key(OTHER, "ada@example.com")
    assert "ada" not in secrets.address_key(SIGNER, "ada@example.com")


@pytest.mark.parametrize(
    ("address", "prefix"),
    [("203.0.113.77", "203.0.113.0/24"), ("::ffff:203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"),
     ("", ""), ("nonsense", "")],
)  # fmt: skip
def test_of_an_address_only_the_network_is_kept(address: str, prefix: str) -> None:
    assert prefix_of(address) == prefix


def test_what_the_cache_remembers_comes_back_and_nonsense_does_not() -> None:
    entry = Remembered(uuid4(), uuid4(), "fan", "ada", "Ada", None, "system", "UTC", 1.5, 2.5, 3.5, frozenset({"a"}))
    assert decode(_ENCODER.encode(entry)) == entry
    for junk in (b"", b"-", b"nonsense", b"\x91\x01", _ENCODER.encode(entry)[:-4]):
        assert decode(junk) is None
    assert key_of(b"\x01" * 32) == "session:" + "01" * 32
