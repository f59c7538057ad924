"""Words that people show to each other: in one form, and nothing in them that only pretends to be what it looks like."""

from __future__ import annotations

import unicodedata

from directfanz.errors import InvalidInput

# What turns the reading direction round or is invisible: with it one text can look like another.
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # letters of some scripts and many emoji need them


def one_line(text: str, field: str, longest: int, shortest: int = 0) -> str:
    line = " ".join(unicodedata.normalize("NFC", text).split())
    _require_length(line, field, longest, shortest)
    refuse_invisible(line, field)
    return line


def some_lines(text: str, field: str, longest: int, shortest: int = 0) -> str:
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    _require_length(lines, field, longest, shortest)
    refuse_invisible(lines, field, "\n\t")
    return lines


def a_name(text: str, field: str, longest: int = 50) -> str:
    """One line that can be said aloud."""
    name = one_line(text, field, longest)
    if not any(each.isalnum() for each in name):
        raise InvalidInput.in_field(field, "A name holds at least one letter or digit.")
    return name


def refuse_invisible(text: str, field: str, allowed: str = "") -> None:
    for each in text:
        if unicodedata.category(each) in _INVISIBLE and each not in _JOINERS + allowed:
            raise InvalidInput.in_field(
                field, f"This holds an invisible character (U+{ord(each):04X}).", "Leave it out."
            )


def _require_length(text: str, field: str, longest: int, shortest: int) -> None:
    if len(text) > longest:
        raise InvalidInput.in_field(field, f"This has at most {longest} characters.", f"It has {len(text)}.")
    if len(text) < shortest:
        said = "Write something here." if shortest == 1 else f"This has at least {shortest} characters."
        raise InvalidInput.in_field(field, said)
