from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.processes.realtime import protocol
from directfanz.processes.realtime.close_codes import ALL
from directfanz.processes.realtime.limits import MAX_MESSAGE_BYTES, MESSAGES_AT_ONCE, Allowance
from directfanz.processes.realtime.protocol import (
    Inbound,
    NotUnderstood,
    Ping,
    Resume,
    Subscribe,
    TooLarge,
    frame,
    read,
)
from directfanz.processes.realtime.rooms import KINDS


def test_messages_are_read() -> None:
    assert read(b'{"type":"subscribe","room":"page:landing"}') == Subscribe("page:landing")
    assert read(b'{"type":"ping"}') == Ping(0)
    assert read(b'{"type":"resume","position":7,"epoch":"e","more":1}') == Resume(7, "e")
    assert read(b'{"type":"of tomorrow"}') is None


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"{}", b"null", b'{"type":7}', b'{"type":"subscribe","room":"x"}', b'{"type":"subscribe","room":"page:"}',
        b'{"type":"subscribe","room":"page:a b"}', b'{"type":"subscribe","room":"page:a\\n"}',
        b'{"type":"ping","id":"7"}', b'{"type":"ping","id":1e400}', b'{"type":"resume","position":9223372036854775808}',
    ],
)  # fmt: skip
def test_what_is_not_of_the_protocol_is_refused(payload: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read(payload)


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(msgspec.json.encode))
def test_no_bytes_do_anything_worse(payload: bytes) -> None:
    try:
        read(payload)
    except NotUnderstood:
        return


@given(st.integers(0, 70_000))
def test_frames_say_their_size_in_the_shortest_way(size: int) -> None:
    built = frame(b"x" * size)
    assert built[0] == 0x81
    assert built.endswith(b"x" * size) or size == 0
    head = len(built) - size
    assert head == (2 if size < 126 else 4 if size < 65_536 else 10)
    stated = built[1] if head == 2 else int.from_bytes(built[2:head])
    assert stated == size


@given(st.lists(st.binary(max_size=1500), min_size=1, max_size=6))
def test_pieces_make_the_whole_within_the_bound(pieces: list[bytes]) -> None:
    inbound, whole = Inbound(), None
    try:
        for number, piece in enumerate(pieces):
            whole = inbound.take(piece, continues=number > 0, is_last=number == len(pieces) - 1)
    except TooLarge:
        assert len(b"".join(pieces)) > MAX_MESSAGE_BYTES
    else:
        assert whole == b"".join(pieces)
        assert len(whole) <= MAX_MESSAGE_BYTES
        assert inbound.take(b"next", continues=False, is_last=True) == b"next"


def test_a_fragment_out_of_place_is_refused() -> None:
    with pytest.raises(NotUnderstood):
        Inbound().take(b"", continues=True, is_last=True)
    inbound = Inbound()
    inbound.take(b"", continues=False, is_last=False)
    with pytest.raises(NotUnderstood):
        inbound.take(b"", continues=False, is_last=True)


def test_an_allowance_is_used_up_and_comes_back() -> None:
    allowance = Allowance(0.0)
    assert all(allowance.take(0.0) for _ in range(int(MESSAGES_AT_ONCE)))
    assert not allowance.take(0.0)
    assert not allowance.take(0.05)
    assert allowance.take(0.2)


def test_close_codes_are_each_ones_own_and_fit_a_control_frame() -> None:
    assert len({close.code for close in ALL}) == len(ALL)
    for close in ALL:
        assert close.code in {1000, 1009, 1012, 1013} or 4000 <= close.code < 5000
        assert len(close.reason.encode()) <= 123


def test_every_kind_of_room_has_a_name_that_the_protocol_takes() -> None:
    for name in KINDS:
        assert msgspec.convert(f"{name}:x", protocol.RoomName) == f"{name}:x"
