"""How a person wants pages to look, as their browser keeps it: known before the first byte, so nothing flashes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

Theme = Literal["system", "light", "dark"]
TextSize = Literal["normal", "large"]
THEME_COOKIE = "df_theme"
TEXT_COOKIE = "df_text"


class Look(msgspec.Struct, frozen=True):
    theme: str = "system"
    text: str = "normal"


def look_of(cookies: Mapping[str, str], of_account: str = "system") -> Look:
    """What this browser was told counts; else what the person chose elsewhere."""
    theme, text = cookies.get(THEME_COOKIE, ""), cookies.get(TEXT_COOKIE, "")
    return Look(
        theme if theme in get_args(Theme) else of_account,
        text if text in get_args(TextSize) else "normal",
    )
