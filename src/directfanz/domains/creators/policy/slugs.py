"""What a page's address may be: short, plain, and nothing that passes for the house."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from directfanz.errors import InvalidInput

SHORTEST, LONGEST = 3, 40
_FORM = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Signs that pass for others at a glance; two slugs with one skeleton look alike.
_LOOKALIKES = str.maketrans("013457i", "oleastl")


def _skeleton(slug: str) -> str:
    return slug.replace("-", "").translate(_LOOKALIKES).replace("rn", "m").replace("vv", "w")


_RESERVED = frozenset(map(_skeleton, Path(__file__).with_name("reserved_slugs.txt").read_text().split()))
_HOUSE = _skeleton("directfanz")


def checked_slug(text: str, field: str = "slug") -> str:
    """In small letters; `InvalidInput` says what is wrong with it. Letters of other scripts are refused, not guessed at: an address
    that looks like another leads people astray."""
    slug = text.strip().lower()
    if not SHORTEST <= len(slug) <= LONGEST:
        raise InvalidInput.in_field(field, f"An address has {SHORTEST} to {LONGEST} characters.", "Try another.")
    if not _FORM.fullmatch(slug):
        problem = "An address is made of the letters a to z, digits, and single hyphens between them."
        near = suggested(slug)
        raise InvalidInput.in_field(field, problem, f"Try {near}." if near else "Try another.")
    if slug.isdigit():
        raise InvalidInput.in_field(field, "An address holds at least one letter.", f"Try page-{slug}.")
    skeleton = _skeleton(slug)
    if skeleton in _RESERVED or _HOUSE in skeleton:
        raise InvalidInput.in_field(field, "This name is kept for the site itself.", "Try another.")
    return slug


def suggested(text: str) -> str | None:
    """The nearest address that is allowed, from a name in any spelling; None when nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    try:
        return checked_slug(slug) if _FORM.fullmatch(slug) else None
    except InvalidInput:
        return None
