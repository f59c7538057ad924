"""Whatever happens here, and whatever gets lost on the way, the others end up knowing who is here."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from directfanz.processes.realtime.census import Census, Change

ROOM = "page:x"
PEOPLE = st.sampled_from(["ada", "ben", "cy"])
events = st.one_of(
    st.tuples(st.sampled_from(["enter", "leave"]), PEOPLE),
    st.tuples(st.sampled_from(["told", "lost", "done but lost"]), st.just("")),
)


class Others:
    """What the other processes hold of this one; hearing a thing twice changes nothing."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def hear(self, change: Change) -> None:
        self.known |= change.joined
        self.known -= change.left


@given(st.lists(events, max_size=60))
def test_the_others_know_who_is_here_once_they_were_told(story: list[tuple[str, str]]) -> None:
    census, others, windows = Census(), Others(), {"ada": 0, "ben": 0, "cy": 0}
    for what, person in story:
        if what == "enter":
            census.enter(ROOM, person)
            windows[person] += 1
        elif what == "leave" and windows[person]:
            census.leave(ROOM, person)
            windows[person] -= 1
        elif ROOM in census.changed():
            exchange(census, others, what)
    here = {person for person, count in windows.items() if count}
    if ROOM in census.changed():
        exchange(census, others, "told")
    assert others.known == here
    if ROOM in census.rooms():
        assert census.people(ROOM) == len(here)
    assert bool(here) == (ROOM in census.rooms())


def exchange(census: Census, others: Others, what: str) -> None:
    change = census.take_change(ROOM)
    if what != "lost":
        others.hear(change)
    if what == "told":
        assert len(others.known) == change.here
        census.note(ROOM, len(others.known))
    else:
        census.give_back(ROOM, change)


def test_a_number_is_told_when_it_is_another_one() -> None:
    census = Census()
    census.enter(ROOM, "ada")
    census.take_change(ROOM)
    assert census.note(ROOM, 1), "the first answer is news"
    assert not census.note(ROOM, 1)
    assert census.note(ROOM, 5)
    assert census.people(ROOM) == 5
    census.enter(ROOM, "ben")
    assert census.note(ROOM, 6), "also when it was somebody of ours who came"


def test_never_fewer_than_are_here() -> None:
    census = Census()
    for person in ("ada", "ben"):
        census.enter(ROOM, person)
    assert census.people(ROOM) == 2
    census.take_change(ROOM)
    census.note(ROOM, 1)
    assert census.people(ROOM) == 2


def test_what_the_others_forgot_is_declared_again() -> None:
    census = Census()
    census.enter(ROOM, "ada")
    census.take_change(ROOM)
    census.declare_again(ROOM)
    assert census.take_change(ROOM).joined == {"ada"}
