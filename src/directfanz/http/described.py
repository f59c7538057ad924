"""What the types of a handler do not say, for the API's description. Goes into a route's `opt`.

@patch("/me", opt=takes_if_match())
@put("/me/avatar", opt=takes_body("image/png", "image/jpeg"))
"""

from __future__ import annotations

from typing import Any

IF_MATCH, BODY, FILE = "takes_if_match", "takes_body", "answers_file"


def takes_if_match() -> dict[str, Any]:
    """The handler calls `require_match`."""
    return {IF_MATCH: True}


def takes_body(*kinds: str) -> dict[str, Any]:
    """The handler reads the bytes of the body itself."""
    return {BODY: kinds}


def answers_file(*kinds: str) -> dict[str, Any]:
    """The answer is a file, not JSON."""
    return {FILE: kinds}
