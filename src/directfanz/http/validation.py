"""Input as structs: each field checked once, at the edge, and every wrong one named with what to do.

msgspec stops at the first mistake; only when there is one are the fields gone through one by one.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from itertools import islice
from typing import Any, TypeVar, cast, get_origin

import msgspec

from directfanz.errors import Detail, InvalidInput
from directfanz.http.wording import described, join, plain, say

T = TypeVar("T")
MESSAGE = "Some of what you sent cannot be used."
NUL_PROBLEM = "This holds a NUL character."
# A body of two megabytes can hold a hundred thousand mistakes; these many are told.
MOST_DETAILS = 20
MOST_NAME = 60


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client sends: `class SignUp(Input, frozen=True)`. A field it misspells is refused, not ignored."""


def decode_json(body: bytes, kind: type[T]) -> T:
    try:
        value: T = _decoder(cast(Hashable, kind)).decode(body)
    except msgspec.ValidationError as error:
        raise InvalidInput(MESSAGE, *problems_of(_raw_json(body), kind, str(error), strict=True)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_json(error) from None
    except RecursionError:
        raise InvalidInput("The JSON is nested too deeply.") from None
    if b"\\u0000" in body:
        refuse_nul(_raw_json(body))
    return value


def convert(raw: Mapping[str, Any], kind: type[T]) -> T:
    """From text, as forms and queries carry it."""
    refuse_nul(raw)
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(MESSAGE, *problems_of(raw, kind, str(error), strict=False)) from None


def problems_of(raw: object, kind: Any, first: str, *, strict: bool) -> list[Detail]:
    """All that is wrong; at least what msgspec said first."""
    kind = plain(kind)
    known = dict(fields_of(kind))
    found: list[Detail] = []
    if known and isinstance(raw, Mapping):
        found = [problem for name, each in known.items() for problem in _field_problems(raw, name, each, strict)]
        if kind.__struct_config__.forbid_unknown_fields:
            foreign = (str(name)[:MOST_NAME] for name in raw if name not in known)
            found += [_unknown(name, list(known)) for name in islice(foreign, MOST_DETAILS)]
    return found[:MOST_DETAILS] or [say(first, "", kind)]


def refuse_nul(raw: object) -> None:
    """PostgreSQL cannot keep a NUL in text, so nothing past the edge ever sees one."""
    if found := [Detail(where, NUL_PROBLEM, "Leave it out.") for where in islice(_nuls(raw, ""), MOST_DETAILS)]:
        raise InvalidInput(MESSAGE, *found)


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def fields_of(kind: Any) -> tuple[tuple[str, msgspec.structs.FieldInfo], ...]:
    origin = get_origin(kind) or kind
    if not (isinstance(origin, type) and issubclass(origin, msgspec.Struct)):
        return ()
    return tuple((field.encode_name, field) for field in msgspec.structs.fields(kind))


def _raw_json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None  # such as a number that fits nowhere: the first problem is told alone


def _not_json(error: Exception) -> InvalidInput:
    where = re.search(r"\(byte \d+\)", str(error))
    if isinstance(error, UnicodeDecodeError):
        problem = "The body is not JSON in UTF-8."
    else:
        problem = f"The body is not JSON {where[0]}." if where else "The body is not complete JSON."
    return InvalidInput(problem, Detail("", problem, "Send one JSON document, encoded in UTF-8."))


def _field_problems(
    raw: Mapping[str, Any], name: str, field: msgspec.structs.FieldInfo, strict: bool
) -> Iterator[Detail]:
    if name not in raw:
        if field.required:
            yield Detail(name, "This is required.", described(field.type) or f"Add `{name}`.")
        return
    try:
        msgspec.convert(raw[name], field.type, strict=strict)
    except msgspec.ValidationError as error:
        inner = plain(field.type)
        if fields_of(inner):
            for detail in problems_of(raw[name], inner, str(error), strict=strict):
                yield Detail(join(name, detail.field), detail.problem, detail.suggestion)
        else:
            yield say(str(error), name, field.type)


def _unknown(name: str, known: list[str]) -> Detail:
    near = get_close_matches(name, known, 1)
    return Detail(name, "There is no such field.", f"Did you mean `{near[0]}`?" if near else "Leave it out.")


def _nuls(raw: object, where: str) -> Iterator[str]:
    if isinstance(raw, str):
        if "\0" in raw:
            yield where
    elif isinstance(raw, Mapping):
        for name, value in raw.items():
            if "\0" in str(name):
                yield where or "body"
            yield from _nuls(value, join(where, str(name)))
    elif isinstance(raw, list | tuple):
        for index, value in enumerate(raw):
            yield from _nuls(value, f"{where}[{index}]")
