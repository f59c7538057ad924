"""Names and metadata of objects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.storage import keys
from directfanz.backends.storage.contract import MAX_METADATA_BYTES
from directfanz.errors import InvalidInput
from tests.support.storage import bad_keys, odd_keys


@pytest.mark.parametrize("key", odd_keys())
def test_what_people_call_their_files_is_fine(key: str) -> None:
    assert keys.check_key(key) == key


@pytest.mark.parametrize("key", bad_keys())
def test_what_could_lead_elsewhere_is_not(key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        keys.check_key(key)
    assert refused.value.details[0].field == "key"


def test_a_folder_is_the_same_with_and_without_its_slash() -> None:
    assert keys.check_folder("a/b") == keys.check_folder("a/b/") == "a/b/"
    assert keys.check_folder("") == ""
    with pytest.raises(InvalidInput):
        keys.check_folder("/")


@given(st.dictionaries(st.sampled_from(["title", "by", "take-2"]), st.text(st.characters(codec="utf-8"), max_size=60)))
def test_metadata_travels_as_plain_headers(metadata: dict[str, str]) -> None:
    written = keys.written(metadata)

    assert all(
        value.isascii() and value.isprintable() and value == value.strip() and value for value in written.values()
    )
    assert keys.read(written) == metadata


def test_metadata_has_a_limit_once_encoded() -> None:
    assert keys.written({"a": "x" * (MAX_METADATA_BYTES - 1)})
    with pytest.raises(InvalidInput):
        keys.written({"a": "x" * MAX_METADATA_BYTES})
    with pytest.raises(InvalidInput):
        keys.written({"a": "é" * (MAX_METADATA_BYTES // 6 + 1)})


def test_our_checksum_is_not_shown_among_the_metadata() -> None:
    assert keys.read({"sha256": "0" * 64, "by": "Ada"}) == {"by": "Ada"}
