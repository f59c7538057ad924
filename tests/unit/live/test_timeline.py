"""Where in a recording something lies that happened at a moment, and what playlists say of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.live.models import Rules
from directfanz.domains.live.service import playlists, rules, timeline
from directfanz.domains.live.service.playlists import Piece, Place
from directfanz.domains.live.service.timeline import Timeline
from directfanz.errors import InvalidInput
from directfanz.processes.streaming.recording import film
from directfanz.processes.streaming.recording.walker import Entry
from directfanz.processes.streaming.recording.walker import Place as Written

BEGAN = datetime(2026, 3, 2, 20, tzinfo=UTC)


def entries(stretches: list[tuple[int, int]]) -> list[Entry]:
    """Each stretch: so many segments of two seconds, then a gap of so many seconds."""
    found: list[Entry] = []
    wall, offset = BEGAN.timestamp(), 100
    for header, (count, gap) in enumerate(stretches):
        for number in range(count):
            found.append(Entry(len(found), offset, 500, 0, 2.0, wall, header, number == 0 and header > 0))
            wall, offset = wall + 2, offset + 500
        wall += gap
    return found


def line_of(stretches: list[tuple[int, int]]) -> Timeline:
    tape = entries(stretches)
    return Timeline(film.timeline_of(tape), len(tape) * 2000)


stretches = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 40)), min_size=1, max_size=5)


@given(stretches)
def test_every_moment_that_was_recorded_has_its_place_and_back(wanted: list[tuple[int, int]]) -> None:
    line, wall, place = line_of(wanted), BEGAN, 0
    for count, gap in wanted:
        for half in range(count * 4):
            moment = wall + timedelta(seconds=half / 2)
            assert line.place(moment) == place + half * 500
            assert abs(line.moment(place + half * 500) - moment) < timedelta(milliseconds=2)
        wall, place = wall + timedelta(seconds=count * 2 + gap), place + count * 2000


@given(stretches, st.lists(st.integers(-60, 400), min_size=2, max_size=20))
def test_what_happened_later_never_lies_earlier(wanted: list[tuple[int, int]], seconds: list[int]) -> None:
    line = line_of(wanted)
    places = [line.place(BEGAN + timedelta(seconds=each)) for each in sorted(seconds)]
    assert all(one <= other for one, other in pairwise(places))
    assert all(0 <= each <= line.length_ms for each in places)


def test_what_is_said_while_nothing_is_recorded_lies_where_it_goes_on() -> None:
    line = line_of([(2, 30), (2, 0)])
    assert line.place(BEGAN + timedelta(seconds=20)) == 4000
    assert line.place(BEGAN + timedelta(seconds=35)) == 5000


@given(stretches)
def test_a_recordings_own_playlist_reads_back(wanted: list[tuple[int, int]]) -> None:
    tape = entries(wanted)
    headers = [Written(number * 10, 10) for number in range(len(wanted))]
    read = playlists.read(film.playlist("source.mp4", headers, tape))
    assert [(each.media, each.seconds) for each in read] == [
        (Piece("source.mp4", entry.offset, entry.length), entry.seconds) for entry in tape
    ]
    for each, entry in zip(read, tape, strict=True):
        assert abs(each.at.timestamp() - entry.wall) < 0.002
        assert each.header == Piece("source.mp4", entry.header * 10, 10)


def test_a_cut_takes_whole_segments_and_says_where_another_header_holds() -> None:
    headers = [Written(0, 10), Written(10, 10)]
    read = playlists.read(film.playlist("source.mp4", headers, entries([(3, 5), (3, 0)])))
    chosen = playlists.between(read, BEGAN + timedelta(seconds=3), BEGAN + timedelta(seconds=12))
    assert [each.at for each in chosen] == [BEGAN + timedelta(seconds=each) for each in (2, 4, 11)]
    text = playlists.written(
        "clip.mp4",
        chosen,
        [Place(0, 10), Place(0, 10), Place(1010, 10)],
        [Place(10, 500), Place(510, 500), Place(1020, 500)],
    )
    assert text.count("#EXT-X-MAP") == 2
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    assert text.endswith("#EXT-X-ENDLIST\n")


def test_a_live_playlist_is_read_with_its_files() -> None:
    text = (
        '#EXTM3U\n#EXT-X-MAP:URI="source/init-0.mp4"\n#EXT-X-PROGRAM-DATE-TIME:2026-03-02T20:00:00.000Z\n#EXTINF:2.00000,\n'
        "source/7.m4s\n#EXT-X-PROGRAM-DATE-TIME:2026-03-02T20:00:02.000Z\n#EXT-X-GAP\n#EXTINF:2.00000,\nsource/8.m4s\n"
    )
    assert [each.media for each in playlists.read(text)] == [Piece("source/7.m4s"), Piece("source/8.m4s")]
    with pytest.raises(ValueError, match="without a header"):
        playlists.read("#EXTM3U\n#EXTINF:2,\nsource/7.m4s\n")


def test_chapters_as_players_read_them() -> None:
    assert timeline.as_vtt([(0, "Beginning"), (61_500, "The sea --> blue")], 3_700_000) == (
        "WEBVTT\n\n00:00:00.000 --> 00:01:01.500\nBeginning\n\n00:01:01.500 --> 01:01:40.000\nThe sea -> blue\n"
    )


@pytest.mark.parametrize(
    ("typed", "origin"),
    [("example.org", "https://example.org"), ("https://a.example.org:8443/path?x", "https://a.example.org:8443"),
     ("http://example.org", "http://example.org")],
)  # fmt: skip
def test_sites_are_kept_as_their_origins(typed: str, origin: str) -> None:
    assert rules._origin(typed) == origin


@pytest.mark.parametrize(
    "typed",
    ["*", "https://", "javascript:alert(1)", "a.b;script-src *", "exa mple.org", "x'y.org", "org", "http://[::1"],
)
def test_nothing_else_gets_into_a_header(typed: str) -> None:
    with pytest.raises(InvalidInput):
        rules._origin(typed)


def test_where_a_stream_may_stand_in_a_frame() -> None:
    assert rules.frame_ancestors(Rules()) == "*"
    assert rules.frame_ancestors(Rules(embeds="nowhere")) == "'none'"
    assert rules.frame_ancestors(Rules(embeds="listed")) == "'none'"
    assert rules.frame_ancestors(Rules(embeds="listed", sites=["https://a.org"])) == "https://a.org"
