"""What a page may say of itself."""

from __future__ import annotations

from directfanz.errors import InvalidInput
from directfanz.http.shown import a_name, one_line, some_lines

LONGEST_NAME, LONGEST_TAGLINE, LONGEST_ABOUT, LONGEST_REASON, SHORTEST_REASON = 50, 120, 5000, 500, 3


def checked_name(text: str) -> str:
    return a_name(text, "name", LONGEST_NAME)


def checked_tagline(text: str) -> str:
    return one_line(text, "tagline", LONGEST_TAGLINE)


def checked_about(text: str) -> str:
    return some_lines(text, "about", LONGEST_ABOUT)


def checked_reason(text: str) -> str:
    """Why an operator does something to a page."""
    reason = " ".join(text.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise InvalidInput.in_field("reason", "Say why, in a sentence.", "The team is told, and the log keeps it.")
    return reason
