"""A page's colour, made readable by day and by night.

A creator chooses any colour. Words on it are black or white, whichever reads better (one always does). As words on our ground it is
made darker by day and lighter by night until it reads: WCAG asks for 4.5 to 1.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from directfanz.errors import InvalidInput

READABLE = 4.5
TELL_BELOW = 3.0
# The grounds of tokens.css that words stand on; the darkest of the light and the lightest of the dark ones.
DAY_GROUND, NIGHT_GROUND = "#f2efe9", "#28221e"
# What we propose.
PALETTE = (
    ("#c63a08", "Mandarin"), ("#b3124a", "Raspberry"), ("#8b2fc9", "Violet"), ("#4338ca", "Indigo"),
    ("#0b5fa5", "Ocean"), ("#0b7a70", "Teal"), ("#2f7a1f", "Leaf"), ("#8a6100", "Honey"), ("#6b4a3a", "Cocoa"),
    ("#3a3f4a", "Slate"),
)  # fmt: skip
_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})")
_STEPS = 50


class Shades(NamedTuple):
    """`on` reads on the colour itself. `words` is its shade that reads on our ground and on `soft`; `on_words` reads on that shade."""

    on: str
    words: str
    on_words: str
    soft: str


class Look(NamedTuple):
    day: Shades
    night: Shades


def checked_accent(text: str, field: str = "accent") -> str:
    """`#0a7`, `00aa77` or `#00AA77` as `#00aa77`."""
    found = _HEX.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidInput.in_field(field, "This is not a colour.", "Choose one, or write it like #0b7a70.")
    digits = found[1]
    return "#" + ("".join(each * 2 for each in digits) if len(digits) == 3 else digits)


def look_of(accent: str) -> Look:
    return Look(_shades(accent, DAY_GROUND, "#ffffff", "#000000"), _shades(accent, NIGHT_GROUND, "#1e1916", "#ffffff"))


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white), as WCAG counts."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def advice(accent: str) -> str | None:
    """What a creator is told of a colour that is too pale to make words of by day."""
    if contrast(accent, DAY_GROUND) >= TELL_BELOW:
        return None
    return "This colour is pale. Where it stands as words by day we use a darker shade of it, so that everybody can read them."


def _shades(accent: str, ground: str, surface: str, towards: str) -> Shades:
    soft = _mixed(accent, surface, 0.86)
    # Step by step towards black by day and white by night, until it reads on both grounds.
    for step in range(_STEPS + 1):
        words = _mixed(accent, towards, step / _STEPS)
        if min(contrast(words, ground), contrast(words, soft)) >= READABLE:
            break
    return Shades(_ink_on(accent), words, _ink_on(words), soft)


def shade(colour: str, towards: str) -> str:
    """A step on: for what the pointer is on."""
    return _mixed(colour, towards, 0.15)


def _ink_on(colour: str) -> str:
    return max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, colour))


def _mixed(one: str, other: str, share_of_other: float) -> str:
    parts = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share_of_other):02x}" for a, b in parts)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (each / 255 for each in _parts(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
