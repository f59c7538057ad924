"""Subtitles are read, checked and written anew."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.domains.media.policy.subtitles import read, written
from directfanz.errors import InvalidInput

GOOD = "WEBVTT\n\nNOTE hello\n\n1\n00:01.000 --> 00:02.500 line:90% evil:1\nHello & <b>you</b><img src=x onerror=alert(1)>\n"


def test_what_is_not_understood_stays_behind() -> None:
    text = written(read(GOOD.encode()))
    assert "00:00:01.000 --> 00:00:02.500 line:90%\nHello &amp; <b>you</b>\n" in text
    assert "evil" not in text
    assert "onerror" not in text


@pytest.mark.parametrize(
    "data", [GOOD.encode("utf-16"), "1\r\n00:00:01,5 --> 00:00:02,0\r\nCaf\xe9\r\n".encode("cp1252")]
)
def test_letters_of_old_files(data: bytes) -> None:
    assert len(read(data)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no subtitles"),
        ("1\n00:00:02,000 --> 00:00:01,000\nx\n", "Line 2: these words end before they begin"),
        ("1\n0:0 --> b\nx\n", "Line 2: this is no pair of times"),
        ("\0\0", "no text"),
    ],
)
def test_a_bad_file_is_told_where(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read(text.encode())


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_whatever_is_written_is_read_the_same(noise: str) -> None:
    data = f"1\n00:00:01,000 --> 00:00:02,000\n{noise}\n".encode("utf-8", "replace")
    try:
        cues = read(data)
    except InvalidInput:
        return
    again = written(cues)
    assert read(again.encode()) == cues
    assert again.count("-->") == len(cues)
