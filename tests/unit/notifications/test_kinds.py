"""What people can be told."""

from __future__ import annotations

from directfanz.domains.notifications import kinds


def test_each_kind_is_there_once() -> None:
    """Of two with one name the later would win, whoever wrote it."""
    assert len(kinds._KINDS) == len(kinds.KINDS)
