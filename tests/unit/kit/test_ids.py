from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from directfanz.kit.ids import created_at, new_id, new_token

MANY = 50_000


def test_newer_keys_sort_after_older_ones() -> None:
    keys = [new_id() for _ in range(MANY)]
    assert keys == sorted(keys)
    assert [str(key) for key in keys] == sorted(str(key) for key in keys)
    assert len(set(keys)) == MANY


def test_threads_never_get_the_same_key() -> None:
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda _: [new_id() for _ in range(5_000)], range(4)))
    assert len({key for batch in batches for key in batch}) == 20_000
    assert all(batch == sorted(batch) for batch in batches)


def test_a_key_is_a_version_7_uuid_of_the_standard_library() -> None:
    key = new_id()
    assert type(key) is UUID
    assert (key.version, key.variant) == (7, "specified in RFC 4122")


def test_a_key_tells_when_it_was_made() -> None:
    before = datetime.now(UTC)
    made = created_at(new_id())
    assert before - timedelta(milliseconds=1) <= made <= datetime.now(UTC) + timedelta(milliseconds=1)
    assert created_at(UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


@pytest.mark.parametrize("key", [uuid4(), UUID(int=0)])
def test_other_uuids_tell_no_time(key: UUID) -> None:
    with pytest.raises(ValueError, match="not a UUIDv7"):
        created_at(key)


def test_tokens_are_long_and_fit_in_a_url() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(
        len(token) == 43 and token.isascii() and token.replace("-", "").replace("_", "").isalnum() for token in tokens
    )
    assert len(new_token(16)) == 22
