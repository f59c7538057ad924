from __future__ import annotations

import pytest

from directfanz.migrate.errors import Incomplete, WrongUse
from directfanz.migrate.follow.guard import level_of
from directfanz.migrate.move.indexes import LARGEST_SORT_KB, SMALLEST_SORT_KB, sort_kilobytes
from directfanz.migrate.side import has_password, literal, quoted
from directfanz.migrate.state.machine import FORWARD, Standing, begun, ended
from directfanz.migrate.view import amount, duration


def test_forward_is_one_way_and_each_verb_has_its_place() -> None:
    now = Standing("planned")
    for verb, (_, after) in FORWARD.items():
        for other in FORWARD:
            if other != verb:
                with pytest.raises(WrongUse):
                    begun(now, other)
        now = ended(begun(now, verb))
        assert now == Standing(after)
    with pytest.raises(WrongUse, match="no way back"):
        begun(now, "rollback")


def test_resume_and_restart_are_two_things() -> None:
    with pytest.raises(WrongUse, match="not both"):
        begun(Standing("schema", "copy"), "copy", resume=True, restart=True)
    with pytest.raises(Incomplete):
        begun(Standing("schema", "copy"), "copy")
    assert begun(Standing("schema", "copy"), "copy", resume=True) == Standing("schema", "copy")


@pytest.mark.parametrize(
    ("now", "after"),
    [
        (Standing("cut_over"), "following"),
        (Standing("following", "cutover"), "following"),
        (Standing("following"), "schema"),
        (Standing("copied", "follow"), "schema"),
        (Standing("copied"), "schema"),
        (Standing("schema", "copy"), "schema"),
        (Standing("schema"), "planned"),
        (Standing("planned", "schema"), "planned"),
    ],
)
def test_a_rollback_undoes_one_phase_or_what_was_interrupted(now: Standing, after: str) -> None:
    begun_back = begun(now, "rollback")
    assert begun(begun_back, "rollback") == begun_back  # interrupted itself, it goes on
    assert ended(begun_back) == Standing(after)  # type: ignore[arg-type] # one of the phases


def test_sort_memory_stays_in_the_cache() -> None:
    assert sort_kilobytes(0) == SMALLEST_SORT_KB
    assert sort_kilobytes(1 << 40) == LARGEST_SORT_KB
    assert SMALLEST_SORT_KB < sort_kilobytes(5 << 30) < LARGEST_SORT_KB


def test_the_slot_is_let_go_before_the_disk_is_full() -> None:
    assert [level_of(kept, 100) for kept in (0, 25, 50, 80, 200)] == ["fine", "warning", "pause", "let go", "let go"]


def test_words_for_people_and_for_servers() -> None:
    assert (amount(999), amount(1500), amount(2.5e12)) == ("999 B", "1.5 kB", "2.5 TB")
    assert (duration(None), duration(59.6), duration(3661)) == ("not known yet", "1 min 00 s", "1 h 01 min")
    assert quoted('a"b', "c.d") == '"a""b"."c.d"'
    assert literal("it's") == "'it''s'"
    assert has_password("postgresql://a:b@c/d")
    assert not has_password("postgresql://a@c/d")
