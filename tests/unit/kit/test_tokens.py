from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from directfanz.kit.signing import TokenSigner

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SIGNER = TokenSigner("a key for tests that nobody needs to guess")


@pytest.mark.parametrize("payload", ["", "ada", "Ada 🎉 Ümläut", "a.b.c", "\0", "x" * 4000])
def test_a_token_brings_its_payload_back(payload: str) -> None:
    assert SIGNER.verify("session", SIGNER.sign("session", payload), NOW) == payload
    assert SIGNER.verify("session", SIGNER.sign("session", payload, LATER), NOW) == payload


def test_a_token_ends_at_its_second() -> None:
    token = SIGNER.sign("session", "ada", LATER)
    assert SIGNER.verify("session", token, LATER - timedelta(microseconds=1)) == "ada"
    assert SIGNER.verify("session", token, LATER) is None


def test_a_token_of_one_purpose_is_nothing_for_another() -> None:
    token = SIGNER.sign("reset", "ada")
    for purpose in ("session", "rese", "resett", "", "reset "):
        assert SIGNER.verify(purpose, token, NOW) is None


def test_another_installation_signs_differently() -> None:
    other = TokenSigner("another key for tests, just as long as it")
    assert other.verify("session", SIGNER.sign("session", "ada"), NOW) is None
    assert other.derive("cursor") != SIGNER.derive("cursor")


def test_the_end_cannot_be_moved_or_taken_away() -> None:
    payload, until, tag = SIGNER.sign("session", "ada", LATER).split(".")
    for forged in (
        f"{payload}..{tag}",
        f"{payload}.ffffffff.{tag}",
        f"{payload}.{until}f.{tag}",
        f"{payload}{until}..{tag}",
    ):
        assert SIGNER.verify("session", forged, NOW) is None


@pytest.mark.parametrize(
    "token", ["", ".", "..", "...", "a.b.c", "ä.ö.ü", "\udcff..", "\0", "." * 5000, "=.=.=", "é" * 9000]
)
def test_garbage_is_no_token(token: str) -> None:
    assert SIGNER.verify("session", token, NOW) is None


def test_derived_keys_are_not_the_tags_of_tokens() -> None:
    assert len(SIGNER.derive("cursor")) == 32
    assert SIGNER.derive("cursor") != SIGNER.derive("cursors")
    # A token whose purpose is the word that derivation uses.
    tag = SIGNER.sign("derive", "").rpartition(".")[2]
    assert SIGNER.derive(".")[:16] != tag.encode()


def test_programming_mistakes_are_not_hidden() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(ValueError, match="time zone"):
        SIGNER.sign("session", "ada", naive)
    with pytest.raises(ValueError, match="time zone"):
        SIGNER.verify("session", SIGNER.sign("session", "ada", LATER), naive)
    with pytest.raises(ValueError, match="a purpose is a word"):
        SIGNER.sign("a\0b", "ada")
