"""Who is told what, in which order, in how many writes, and who is cut."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.processes.realtime.close_codes import TOO_SLOW, Close
from directfanz.processes.realtime.hub import Hub, Member
from directfanz.processes.realtime.limits import LONGEST_TICK_SECONDS, MAX_UNSENT_BYTES, tick_seconds


class Screen:
    """An outlet that keeps what it was given."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.stuck = 0
        self.closed: Close | None = None

    def write(self, frames: bytes) -> None:
        self.writes.append(frames)

    def unsent(self) -> int:
        return self.stuck

    def close(self, why: Close) -> None:
        self.closed = why

    @property
    def shown(self) -> bytes:
        return b"".join(self.writes)


class Ticks:
    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> None:
        self.asked += 1


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def hub(ticks: Ticks) -> Hub:
    return Hub(ticks)


def arrive(hub: Hub, *rooms: str, user: UUID | None = None) -> tuple[Member, Screen]:
    screen = Screen()
    member = Member(uuid4().hex, screen, user)
    hub.add(member)
    for room in rooms:
        hub.join(member, room)
    return member, screen


def test_what_is_said_within_a_tick_is_one_write_for_each(hub: Hub, ticks: Ticks) -> None:
    _, ada = arrive(hub, "chat:1")
    _, ben = arrive(hub, "chat:1", "chat:2")
    hub.tell_room("chat:1", b"a")
    hub.tell_room("chat:2", b"b")
    hub.tell_room("chat:1", b"c")
    assert ticks.asked == 1
    assert not ada.writes
    hub.flush()
    assert ada.writes == [b"ac"]
    assert len(ben.writes) == 1
    assert sorted(ben.shown) == sorted(b"acb")
    hub.flush()
    assert len(ada.writes) == 1, "nothing is said twice"


def test_who_comes_later_hears_only_what_comes_later(hub: Hub) -> None:
    arrive(hub, "chat:1")
    hub.tell_room("chat:1", b"before")
    cy, screen = arrive(hub, "chat:1")
    hub.tell(cy, b"hello")
    hub.flush_member(cy)
    assert screen.shown == b"hello"


def test_who_leaves_heard_what_was_said_before(hub: Hub) -> None:
    cy, screen = arrive(hub, "chat:1")
    hub.tell_room("chat:1", b"before")
    hub.leave(cy, "chat:1")
    hub.tell_room("chat:1", b"after")
    hub.flush()
    assert screen.shown == b"before"


def test_words_to_one_keep_their_place_among_words_to_the_room(hub: Hub) -> None:
    ada, screen = arrive(hub, "chat:1")
    hub.tell_room("chat:1", b"1")
    hub.tell(ada, b"2")
    hub.tell_room("chat:1", b"3")
    hub.flush()
    assert screen.writes == [b"123"]


def test_all_windows_of_a_person_are_told(hub: Hub) -> None:
    user = uuid4()
    (_, here), (there_member, there) = arrive(hub, user=user), arrive(hub, user=user)
    assert hub.tell_user(user, b"x") == 2
    hub.flush()
    assert here.shown == there.shown == b"x"
    hub.remove(there_member)
    assert hub.tell_user(user, b"y") == 1
    assert hub.tell_user(uuid4(), b"z") == 0


def test_who_does_not_read_is_cut_and_the_others_are_not_kept_waiting(hub: Hub) -> None:
    slow_member, slow = arrive(hub, "chat:1")
    _, ben = arrive(hub, "chat:1")
    slow.stuck = MAX_UNSENT_BYTES
    hub.tell_room("chat:1", b"x")
    hub.flush()
    assert (slow.writes, slow.closed) == ([], TOO_SLOW)
    assert ben.shown == b"x"
    hub.tell_room("chat:1", b"y")
    hub.flush()
    assert slow.writes == []
    assert not slow_member.parts, "nothing piles up for who is gone"


def test_removal_leaves_nothing_behind(hub: Hub) -> None:
    ada, screen = arrive(hub, "chat:1", user=uuid4())
    hub.tell_room("chat:1", b"x")
    hub.remove(ada)
    hub.remove(ada)
    assert hub.tell_room("chat:1", b"y") == 0
    hub.flush()
    assert screen.writes == []
    assert len(hub) == 0
    assert not any(vars(hub)[name] for name in ("_members", "_rooms", "_users", "_said", "_spoken_to"))


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["join", "leave"]), st.integers(0, 3), st.sampled_from(["r:1", "r:2"])),
            st.tuples(st.just("say"), st.just(0), st.sampled_from(["r:1", "r:2"])),
            st.tuples(st.just("whisper"), st.integers(0, 3), st.just("")),
            st.tuples(st.just("tick"), st.just(0), st.just("")),
        ),
        max_size=60,
    )
)
def test_everybody_hears_exactly_what_concerns_them_in_order(story: list[tuple[str, int, str]]) -> None:
    """Each message is one byte; per room and per whisper the order is as it was said, nothing is lost or doubled."""
    hub = Hub(lambda: None)
    members = [arrive(hub) for _ in range(4)]
    due: list[dict[str, list[int]]] = [{"r:1": [], "r:2": [], "": []} for _ in members]
    said: dict[int, str] = {}
    for number, (what, who, room) in enumerate(story):
        member, _ = members[who]
        if what == "join":
            hub.join(member, room)
        elif what == "leave":
            hub.leave(member, room)
        elif what == "tick":
            hub.flush()
        elif what == "whisper":
            hub.tell(member, bytes([number]))
            said[number] = ""
            due[who][""].append(number)
        else:
            hub.tell_room(room, bytes([number]))
            said[number] = room
            for (each, _), words in zip(members, due, strict=True):
                if room in each.rooms:
                    words[room].append(number)
    hub.flush()
    for (_, screen), words in zip(members, due, strict=True):
        for source, expected in words.items():
            assert [number for number in screen.shown if said[number] == source] == expected


def test_who_is_kept_apart_gets_the_place_alone(ticks: Ticks) -> None:
    hub, screens = Hub(ticks), [Screen() for _ in range(3)]
    ben, cy, dan = [Member(name, screen, uuid4()) for name, screen in zip("bcd", screens, strict=True)]
    for member in (ben, cy, dan):
        hub.add(member)
        hub.join(member, "chat:x")
    made: list[bytes] = []

    def place() -> bytes:
        made.append(b"place.")
        return made[-1]

    assert cy.user_id is not None
    assert dan.user_id is not None
    hub.keep_apart(ben, [cy.user_id])
    hub.tell_room("chat:x", b"before.")
    hub.tell_room_but("chat:x", b"words.", cy.user_id, place)
    hub.tell_room("chat:x", b"after.")
    hub.flush()
    assert [each.shown for each in screens] == [b"before.place.after.", *[b"before.words.after."] * 2]
    hub.tell_room_but("chat:x", b"of dan.", dan.user_id, place)
    hub.keep_apart(ben, [])
    hub.tell_room_but("chat:x", b"again.", cy.user_id, place)
    hub.flush()
    assert screens[0].writes[-1] == b"of dan.again."
    assert len(made) == 1  # nobody else pays for it


def test_what_is_said_waits_for_company_where_many_listen() -> None:
    assert tick_seconds(10) < 0.01
    assert 0.05 < tick_seconds(1000) <= LONGEST_TICK_SECONDS
    assert tick_seconds(20_000) == LONGEST_TICK_SECONDS


def test_what_is_in_no_hurry_goes_along_or_by_itself_and_leaves_the_room_its_tick(hub: Hub) -> None:
    member, ada = arrive(hub, "chat:1")
    hub.tell_soon(member, b"p")
    hub.tell_room("chat:1", b"a")
    hub.flush_soon()
    assert ada.writes == [b"p"]
    hub.tell_soon(member, b"q")
    hub.flush()
    assert ada.writes == [b"p", b"qa"]
