"""What every store of secrets does alike."""

from __future__ import annotations

import asyncio

import pytest

from directfanz.backends.secrets.contract import MAX_SECRET_BYTES, SecretMissing, SecretStore
from directfanz.errors import InvalidInput
from tests.conformance.secrets.conftest import Reopen

PEM = "-----BEGIN PUBLIC KEY-----\nMFkw\r\nEwYH\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize(
    "value", ["x", PEM, "  spaces around \n", "päß ☕ \x00\x01", "x" * MAX_SECRET_BYTES, "é" * 32_768]
)
async def test_what_was_put_is_there_to_the_letter(secrets: SecretStore, value: str) -> None:
    await secrets.put("media-signing-key", value)
    assert await secrets.get("media-signing-key") == value


async def test_another_process_reads_it(reopen: Reopen) -> None:
    await reopen().put("stripe.webhook_key", "one")
    assert await reopen().get("stripe.webhook_key") == "one"


async def test_what_was_never_put_is_missing(secrets: SecretStore) -> None:
    with pytest.raises(SecretMissing, match="media-signing-key"):
        await secrets.get("media-signing-key")


async def test_putting_again_replaces(secrets: SecretStore) -> None:
    await secrets.put("key", "old and much longer than the new one")
    await secrets.put("key", "new")
    assert await secrets.get("key") == "new"
    assert await secrets.names() == ["key"]


async def test_names_are_in_order_and_only_ours(secrets: SecretStore) -> None:
    assert await secrets.names() == []
    for name in ("b", "a.2", "a-1", "0"):
        await secrets.put(name, "x")
    assert await secrets.names() == ["0", "a-1", "a.2", "b"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../key",
        "a/b",
        "/etc/passwd",
        "a..b",
        ".hidden",
        "-a",
        "a-",
        "A",
        "a b",
        "a\x00b",
        "ä",
        "a\n",
        "~x",
        "a" * 101,
    ],
)
async def test_a_name_leads_nowhere_else(secrets: SecretStore, name: str) -> None:
    with pytest.raises(InvalidInput):
        await secrets.get(name)
    with pytest.raises(InvalidInput):
        await secrets.put(name, "x")


@pytest.mark.parametrize("value", ["", "x" * (MAX_SECRET_BYTES + 1), "é" * 32_769, "\ud800"])
async def test_a_value_is_text_of_some_length(secrets: SecretStore, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await secrets.put("key", value)
    assert value[:20] not in str(refused.value) or not value, "a secret is in the error"


async def test_two_who_make_one_at_the_same_time(secrets: SecretStore) -> None:
    values = [f"value-{number}" for number in range(8)]
    await asyncio.gather(*(secrets.put("key", value) for value in values))
    assert await secrets.get("key") in values
    assert await secrets.names() == ["key"]


async def test_a_reader_sees_the_old_or_the_new_never_a_mixture(secrets: SecretStore) -> None:
    values = [letter * 60_000 for letter in "abcd"]
    await secrets.put("key", values[0])
    done = asyncio.Event()

    async def write() -> None:
        for value in values * 3:
            await secrets.put("key", value)
        done.set()

    async def read() -> None:
        while not done.is_set():
            assert await secrets.get("key") in values

    await asyncio.gather(write(), read())
