"""nginx's configuration language."""

from __future__ import annotations

from collections.abc import Iterable


def block(head: str, lines: Iterable[str]) -> list[str]:
    return [f"{head} {{", *(f"    {line}" for line in lines), "}"]


def headers(directive: str, values: dict[str, str], ending: str = "") -> list[str]:
    """`proxy_set_header` and `add_header`; they are inherited all or none, so each place says all of its own."""
    return [f"{directive} {name} {quoted(value)}{ending};" for name, value in values.items()]


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
