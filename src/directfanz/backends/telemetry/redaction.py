"""Nothing personal and no secret in what we tell.

Authors leave them out; this is the net below, for the texts that others write: a driver's error quotes the row it refused.
"""

from __future__ import annotations

import re

_HIDDEN = "***"
# Every repetition is bounded: a long text must not take long.
_URL_LOGIN = re.compile(r"(?<=://)[^\s/@]{0,255}:[^\s/@]{0,255}@")
_MAIL = re.compile(r"[^\s@<>\"'(),;:=/\\*]{1,64}@[^\s@<>\"'(),;:=/\\]{1,255}")
_CREDENTIAL = re.compile(r"(?i)\b(bearer|basic)\s{1,3}[A-Za-z0-9._~+/=-]{8,4096}")
_PAIR = re.compile(
    r"(?i)([\w-]{0,40}(?:password|passwd|secret|token|api_?key|authorization|cookie|signature))"
    r"([\"']?\s{0,3}[=:]\s{0,3}[\"']?)(?!\*\*\*)([^\s\"'&,;)}]{1,4096})"
)
_SECRET_NAMES = re.compile(r"(?i)password|passwd|secret|token|api_?key|authorization|cookie|signature|e_?mail$")


def redact(text: str) -> str:
    text = clean(text)
    if "@" in text:
        text = _MAIL.sub("(mail address)", _URL_LOGIN.sub(f"{_HIDDEN}@", text))
    text = _CREDENTIAL.sub(rf"\1 {_HIDDEN}", text)
    if "=" in text or ":" in text:
        text = _PAIR.sub(rf"\1\2{_HIDDEN}", text)
    return text


def clean(text: str) -> str:
    """What neither JSON nor SQLite can hold, spelled out."""
    if "\x00" in text:
        text = text.replace("\x00", "\\x00")
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def redact_field(name: str, value: object) -> object:
    if _SECRET_NAMES.search(name):
        return _HIDDEN
    return redact(value) if isinstance(value, str) else value
