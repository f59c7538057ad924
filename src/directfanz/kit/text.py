"""Bytes as text for URLs, in one spelling only.

Python's decoder skips characters it does not know and ignores bits left over, so that many texts mean the same bytes. For
what is signed that would make an altered text pass.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode


def to_text(data: bytes) -> str:
    """URL-safe base64 without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: str) -> bytes:
    """What `to_text` was given; ValueError for any text that it does not make."""
    data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if to_text(data) != text:
        raise ValueError("not the one spelling of any bytes")
    return data
