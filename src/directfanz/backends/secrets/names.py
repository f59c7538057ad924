"""Which names and values a secret may have, the same for every store."""

from __future__ import annotations

import re

from directfanz.backends.secrets.contract import MAX_SECRET_BYTES
from directfanz.errors import InvalidInput

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
MAX_NAME = 100


def check_name(name: str) -> str:
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise InvalidInput.in_field(
            "name",
            f"{name[:MAX_NAME]!r} is not a name of a secret.",
            "Use small letters, digits and single dots, dashes or underscores between them.",
        )
    return name


def check_value(value: str) -> str:
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise InvalidInput.in_field("value", "A secret is text.", "Encode bytes as base64.") from None
    if not 0 < size <= MAX_SECRET_BYTES:
        raise InvalidInput.in_field(
            "value", f"A secret has 1 to {MAX_SECRET_BYTES} bytes, this one {size}.", "Keep a file in the object store."
        )
    return value
