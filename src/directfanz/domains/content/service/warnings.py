"""What is said before something is shown, and what somebody chose not to be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from directfanz.domains.content.models import ContentWarning

COOKIE = "df_warned"
KEPT_SECONDS = 31_536_000
_KNOWN: tuple[ContentWarning, ...] = get_args(ContentWarning)
WORDS: dict[ContentWarning, str] = {
    "nudity": "nudity", "sex": "sex", "violence": "violence", "self_harm": "self-harm", "drugs": "drugs",
    "flashing": "flashing light", "language": "strong language", "other": "something that not everybody wants to see",
}  # fmt: skip


def still_to_say(warnings: Sequence[ContentWarning], cookie: str) -> list[str]:
    """All of them, as long as one of them was not chosen: in words."""
    chosen = set(cookie.split("."))
    return [WORDS[each] for each in warnings] if any(each not in chosen for each in warnings) else []


def with_these(cookie: str, warnings: Sequence[ContentWarning]) -> str:
    chosen = {*cookie.split("."), *warnings}
    return ".".join(each for each in _KNOWN if each in chosen)
