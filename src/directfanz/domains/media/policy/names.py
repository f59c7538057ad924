"""Names of files, as people and other machines give them: hostile until they went through here."""

from __future__ import annotations

import re
import unicodedata

from directfanz.domains.media.models import LONGEST_NAME
from directfanz.errors import InvalidInput

LONGEST_STORED_BYTES = 200
# What some system reads as more than a letter. `%` too: an escaped slash must not come back to life on the way.
_TELLING = re.compile(r'[<>:"|?*%#;&$`\'{}^~\[\]\x7f]')
_SPACES = re.compile(r"\s+")


def shown_name(name: str) -> str:
    """As people read it: the last part of a path, one line, without what cannot be seen or turns the direction of reading."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    text = unicodedata.normalize("NFC", last)
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    text = _SPACES.sub(" ", text).strip()[:LONGEST_NAME].strip()
    if not text.strip("."):
        raise InvalidInput.in_field("name", "Give the file a name.")
    return text


def stored_name(name: str) -> str:
    """As a key of the store holds it: of the shown name what every system takes for letters."""
    text = _TELLING.sub("_", shown_name(name)).lstrip(".-") or "file"
    stem, dot, ending = text.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        stem, dot, ending = text, "", ""
    room = LONGEST_STORED_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + dot + ending
