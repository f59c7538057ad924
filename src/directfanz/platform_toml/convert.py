"""From what tomllib gives to typed values, noting everything that does not fit and where.

msgspec does the same in one call, but stops at the first problem and does not say which key of a table it was in.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from directfanz.platform_toml.lines import Path
from directfanz.platform_toml.problems import Problem

_NOTHING: Any = object()


class Converter:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def convert(self, kind: Any, value: Any, path: Path) -> Any:
        """The value as its kind; something useless, and a problem noted, when it does not fit."""
        bare, limits = _without_limits(kind)
        origin = get_origin(bare)
        if isinstance(bare, type) and issubclass(bare, Struct):
            return self._struct(bare, value, path)
        if origin is dict:
            return self._table(get_args(bare), limits, value, path)
        if origin is tuple:
            return self._array(get_args(bare)[0], limits, value, path)
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return self._note(path, f"{_shown(value)} does not fit", f"write {phrase(kind)}")

    def _struct(self, kind: type[Struct], value: Any, path: Path) -> Any:
        if not isinstance(value, dict):
            return self._note(path, f"{_shown(value)} is not a table", "write its keys in a table")
        fields = _fields(kind)
        for key in value.keys() - fields.keys():
            self._unknown(key, list(fields), (*path, key))
        made = {}
        for key, (hint, required) in fields.items():
            if key in value:
                made[key] = self.convert(hint, value[key], (*path, key))
            elif required:
                self._note((*path, key), "is missing", f"add it: {phrase(hint)}")
                made[key] = _NOTHING
        return kind(**made)

    def _table(self, kinds: tuple[Any, Any], limits: Meta | None, value: Any, path: Path) -> Any:
        if not isinstance(value, dict):
            return self._note(path, f"{_shown(value)} is not a table", "write its keys in a table")
        self._long_enough(limits, value, path)
        made = {}
        for key, item in value.items():
            try:
                msgspec.convert(key, kinds[0])
            except msgspec.ValidationError:
                self._note((*path, key), "is not a name that fits here", f"use {phrase(kinds[0])}")
            made[key] = self.convert(kinds[1], item, (*path, key))
        return made

    def _array(self, kind: Any, limits: Meta | None, value: Any, path: Path) -> Any:
        if not isinstance(value, list):
            return self._note(path, f"{_shown(value)} is not an array", "write it in [ ]")
        self._long_enough(limits, value, path)
        return tuple(self.convert(kind, item, (*path, index)) for index, item in enumerate(value))

    def _long_enough(self, limits: Meta | None, value: Mapping[str, Any] | list[Any], path: Path) -> None:
        if limits is not None and limits.min_length is not None and len(value) < limits.min_length:
            self._note(path, "is empty", "name at least one")

    def _unknown(self, key: str, known: list[str], path: Path) -> None:
        near = get_close_matches(key, known, n=1)
        advice = f"write {near[0]} if that is meant" if near else "remove it, or use one of " + ", ".join(sorted(known))
        self._note(path, "is not a key that anything reads", advice)

    def _note(self, path: Path, reason: str, advice: str) -> Any:
        self.problems.append(Problem(path, reason, advice))
        return _NOTHING


@cache
def _fields(kind: type[Struct]) -> dict[str, tuple[Any, bool]]:
    """Each key with its kind, and whether it must be there."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: (hints[field.name], field.required) for field in msgspec.structs.fields(kind)}


def _without_limits(kind: Any) -> tuple[Any, Meta | None]:
    """The limits of the outermost Annotated; `Annotated[Annotated[...], Meta(description)]` is flattened by typing."""
    if get_origin(kind) is not Annotated:
        return kind, None
    bare, *metas = get_args(kind)
    limits = [meta for meta in metas if isinstance(meta, Meta)]
    return bare, next((meta for meta in limits if meta.min_length is not None), None)


def phrase(kind: Any) -> str:
    """What may stand here, in words: `a whole number from 1024 to 65535`."""
    if get_origin(kind) is Annotated:
        bare, *metas = get_args(kind)
        return _limited(bare, [meta for meta in metas if isinstance(meta, Meta)])
    return _limited(kind, [])


def _limited(bare: Any, metas: list[Meta]) -> str:
    origin = get_origin(bare)
    if origin in (Union, UnionType):
        return " or ".join(_limited_inner(part, metas) for part in get_args(bare) if part is not type(None))
    if get_origin(bare) is Annotated:
        return phrase(bare)
    if origin is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(bare))
    if origin is tuple:
        return "an array"
    if origin is dict or (isinstance(bare, type) and issubclass(bare, Struct)):
        return "a table"
    if bare is str:
        return _text(metas)
    words = {bool: "true or false", int: "a whole number", float: "a number"}[bare]
    return words if bare is bool else words + _bounds(metas)


def _limited_inner(part: Any, metas: list[Meta]) -> str:
    return phrase(part) if get_origin(part) is Annotated else _limited(part, metas)


def _text(metas: list[Meta]) -> str:
    shape = next((meta for meta in metas if meta.pattern is not None), None)
    return f"a text: {shape.description}" if shape else "some text"


def _bounds(metas: list[Meta]) -> str:
    names = ("ge", "gt", "le", "lt")
    found = {name: getattr(meta, name) for meta in metas for name in names if getattr(meta, name) is not None}
    low = f"from {found['ge']}" if "ge" in found else f"over {found['gt']}" if "gt" in found else ""
    high = f"to {found['le']}" if "le" in found else f"under {found['lt']}" if "lt" in found else ""
    joiner = (
        " and up " if low.startswith("over") and high.startswith("to") else " and " if low.startswith("over") else " "
    )
    return " " + (low + joiner + high if low and high else low or high) if low or high else ""


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str | list | dict) else str(value)
    if isinstance(value, bool):
        text = text.lower()
    return text if len(text) <= 60 else text[:57] + "..."
