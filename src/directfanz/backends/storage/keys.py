"""What a key and an object's metadata may be. Checked here, so that every engine refuses the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from directfanz.backends.storage.contract import MAX_KEY_BYTES, MAX_METADATA_BYTES
from directfanz.errors import InvalidInput

# Our own entry among the metadata of an object.
SHA256 = "sha256"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) != "%") + " "
# SeaweedFS forgets a header without a value. Encoded text never holds a bare percent sign.
_EMPTY = "%"


def check_key(key: str) -> str:
    problem = _key_problem(key)
    if problem:
        raise InvalidInput.in_field("key", f"{key[:80]!r} cannot name an object: {problem}.", "Use a relative path.")
    return key


def check_folder(prefix: str) -> str:
    """What `walk` starts from: nothing, or a path with or without a slash at its end."""
    return check_key(prefix.removesuffix("/")) + "/" if prefix else ""


def _key_problem(key: str) -> str | None:
    if not key:
        return "it is empty"
    if not key.isprintable() or "\\" in key:  # lone surrogates are not printable either
        return "it has a character that cannot be seen, or a backslash"
    if len(key.encode()) > MAX_KEY_BYTES:
        return f"it is longer than {MAX_KEY_BYTES} bytes"
    parts = key.split("/")
    if "" in parts:
        return "it has an empty part, or a slash at an end"
    if "." in parts or ".." in parts:
        return "it has a part that is . or .."
    return None


def check_sha256(digest: str) -> str:
    if not _SHA256.fullmatch(digest):
        raise InvalidInput.in_field("sha256", "A SHA-256 has 64 small hexadecimal digits.")
    return digest


def written(metadata: Mapping[str, str]) -> dict[str, str]:
    """As HTTP headers carry it: anything but plain ASCII is percent-encoded, and so are spaces at the ends."""
    for name in metadata:
        if not _NAME.fullmatch(name) or name == SHA256:
            raise InvalidInput.in_field(
                "metadata", f"{name[:80]!r} cannot name metadata.", "Use small letters, digits and single dashes."
            )
    entries = {name: _write(value) for name, value in metadata.items()}
    if sum(len(name) + len(value) for name, value in entries.items()) > MAX_METADATA_BYTES:
        raise InvalidInput.in_field("metadata", f"Metadata is over {MAX_METADATA_BYTES} bytes once encoded.")
    return entries


def read(entries: Mapping[str, str]) -> dict[str, str]:
    return {name: "" if value == _EMPTY else unquote(value) for name, value in entries.items() if name != SHA256}


def _write(value: str) -> str:
    try:
        text = quote(value, safe=_PLAIN)
    except UnicodeEncodeError:
        raise InvalidInput.in_field("metadata", "Metadata is text.") from None
    if not text:
        return _EMPTY
    bare = text.strip(" ")
    ahead = len(text) - len(text.lstrip(" "))
    return "%20" * ahead + bare + "%20" * (len(text) - len(bare) - ahead)
