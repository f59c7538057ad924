"""What a handle may be: short, plain, and nobody else's office."""

from __future__ import annotations

import re
from pathlib import Path

from directfanz.errors import InvalidInput

SHORTEST, LONGEST = 3, 30
_FORM = re.compile(r"[a-z0-9](?:[a-z0-9_]*[a-z0-9])?")
# Paths of ours, and names by which somebody could pass for the house.
_RESERVED = frozenset(Path(__file__).with_name("reserved_handles.txt").read_text().replace("_", "").split())


def checked_handle(text: str) -> str:
    """In small letters; `InvalidInput` says what is wrong with it."""
    handle = text.strip().removeprefix("@").lower()
    if not SHORTEST <= len(handle) <= LONGEST:
        raise InvalidInput.in_field("handle", f"A handle has {SHORTEST} to {LONGEST} characters.", "Try another.")
    if not _FORM.fullmatch(handle) or "__" in handle:
        raise InvalidInput.in_field(
            "handle",
            "A handle is made of letters a to z, digits and single underscores between them.",
            f"Try {suggested(handle)}.",
        )
    if handle.replace("_", "") in _RESERVED or handle.startswith("directfanz"):
        raise InvalidInput.in_field("handle", "This name is kept for the site itself.", "Try another.")
    return handle


def suggested(text: str) -> str:
    """The nearest allowed handle, for whoever comes with a name of another provider."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:LONGEST].strip("_")
    if len(plain) < SHORTEST or plain.replace("_", "") in _RESERVED or plain.startswith("directfanz"):
        plain = f"fan_{plain}".strip("_")[:LONGEST].strip("_")
    return plain
