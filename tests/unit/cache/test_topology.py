from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.cache import address
from directfanz.backends.cache.faults import Address, Asking, CacheRefused, Moved, fault
from directfanz.backends.cache.topology import SLOTS, read_slots, slot_of
from directfanz.errors import ConfigurationError

ASKED = Address("10.0.0.1", 6379)


@pytest.mark.parametrize(
    ("key", "slot"),
    # As CLUSTER KEYSLOT of Valkey 9 answers.
    [("foo", 12182), ("{foo}bar", 12182), ("foo{}", 5542), ("foo{{bar}}", 4015), ("foo{bar}{zap}", 5061), ("", 0)],
)
def test_slots_are_the_servers(key: str, slot: int) -> None:
    assert slot_of(key) == slot
    assert slot_of(key.encode()) == slot


@given(st.text(min_size=1).filter(lambda tag: "}" not in tag and "{" not in tag), st.text(), st.text())
def test_keys_of_one_tag_share_a_slot(tag: str, one: str, other: str) -> None:
    one, other = one.replace("{", ""), other.replace("{", "")
    assert slot_of(f"{one}{{{tag}}}") == slot_of(f"{other}{{{tag}}}") == slot_of(tag)


def test_a_map_of_slots_is_read() -> None:
    reply = [
        [0, 8191, [b"10.0.0.1", 6379, b"id1", []], [b"10.0.0.2", 6379, b"id2", []]],
        [8192, SLOTS - 1, [None, 6380, b"id3"]],
    ]
    first, second = read_slots(reply, ASKED)
    assert first.replicas == (Address("10.0.0.2", 6379),)
    assert second.primary == Address("10.0.0.1", 6380), "a node that does not know its name is the one asked"


@pytest.mark.parametrize(
    "reply",
    [
        None,
        [[]],
        [[0, 5]],
        [[0, SLOTS, [b"h", 1]]],
        [[b"0", b"a", [b"h", 1]]],
        [[0, 5, [b"\xff", 1]]],
        [[0, 5, [b"h"]]],
        7,
    ],
)
def test_what_is_no_map_is_refused(reply: object) -> None:
    with pytest.raises(ValueError, match="map of slots"):
        read_slots(reply, ASKED)


@given(st.text(max_size=60))
def test_any_error_reply_becomes_an_error_of_ours(text: str) -> None:
    fault(text)


def test_redirects_name_the_slot_and_the_node() -> None:
    moved, asking = fault("MOVED 3999 ::1:6381"), fault("ASK 3999 h:1")
    assert isinstance(moved, Moved)
    assert (moved.slot, moved.to) == (3999, Address("::1", 6381))
    assert isinstance(asking, Asking)
    assert isinstance(fault("MOVED 3999 nowhere"), CacheRefused)


@pytest.mark.parametrize("text", ["localhost", "localhost:", ":1", "h:0", "h:65536", "h:x"])
def test_a_node_that_is_no_address_is_named_in_the_error(text: str) -> None:
    with pytest.raises(ConfigurationError, match="CACHE_NODES"):
        address(text)
