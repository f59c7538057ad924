"""A validation mistake in words for people: what is wrong, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import msgspec

from directfanz.errors import Detail

_WORDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "object": "an object",
    "array": "a list", "null": "null", "datetime": "a moment", "date": "a date", "uuid": "a UUID", "bytes": "base64",
    "decimal": "a decimal number",
}  # fmt: skip


def say(problem: str, field: str, kind: Any = None) -> Detail:
    """msgspec's words, `Expected ... - at `$.a.b``, in ours."""
    what, _, where = problem.partition(" - at `")
    field = join(field, where.rstrip("`").removeprefix("$").removeprefix("."))
    for pattern, answer in _SAYINGS:
        if match := pattern.fullmatch(what):
            return answer(field, match, kind)
    return Detail(field, f"{what}.", described(kind))


def plain(kind: Any) -> Any:
    """Without Annotated and without `| None`."""
    if get_origin(kind) is Annotated:
        return plain(get_args(kind)[0])
    others = [each for each in get_args(kind) if each is not type(None)]
    return plain(others[0]) if len(others) == 1 and type(None) in get_args(kind) else kind


def described(kind: Any) -> str:
    """A field's own advice: the description beside its rule."""
    for part in (kind, *get_args(kind)):
        for meta in get_args(part)[1:] if get_origin(part) is Annotated else ():
            if isinstance(meta, msgspec.Meta) and meta.description:
                return meta.description
    return ""


def join(left: str, right: str) -> str:
    return f"{left}{'' if not left or not right or right.startswith('[') else '.'}{right}"


def _wrong_type(field: str, match: re.Match[str], kind: Any) -> Detail:
    wanted, got = (_in_words(each) for each in match.groups())
    if got == "null":
        return Detail(field, "This is required.", described(kind) or f"Send {wanted}.")
    return Detail(field, f"This must be {wanted}, not {got}.", described(kind) or f"Send {wanted}.")


def _in_words(types: str) -> str:
    return " or ".join(_WORDS.get(each.strip(), each.strip()) for each in types.split("|"))


def _length(field: str, match: re.Match[str], kind: Any) -> Detail:
    what = "entries" if match[1] == "array" else "characters"
    number, few = match[3], match[2] == ">="
    advice = f"Use at least {number} {what}." if few else f"Use at most {number} {what}."
    return Detail(field, f"This is too {'short' if few else 'long'}.", advice)


def _size(field: str, match: re.Match[str], kind: Any) -> Detail:
    words = {">=": "or more", "<=": "or less", ">": "is too low", "<": "is too high"}
    return Detail(
        field,
        f"This is too {'small' if match[1].startswith('>') else 'large'}.",
        f"Use {match[2]} {words[match[1]]}." if "=" in match[1] else f"{match[2]} {words[match[1]]}.",
    )


def _choice(field: str, match: re.Match[str], kind: Any) -> Detail:
    choices = ", ".join(str(each) for each in get_args(plain(kind)))
    return Detail(field, "This is not one of the choices.", f"Use one of: {choices}." if choices else "")


def _missing(field: str, match: re.Match[str], kind: Any) -> Detail:
    return Detail(join(field, match[1]), "This is required.", f"Add `{match[1]}`.")


def _foreign(field: str, match: re.Match[str], kind: Any) -> Detail:
    return Detail(join(field, match[1]), "There is no such field.", "Leave it out.")


def _malformed(field: str, match: re.Match[str], kind: Any) -> Detail:
    return Detail(field, "This does not have the right form.", described(kind))


def _invalid(field: str, match: re.Match[str], kind: Any) -> Detail:
    return Detail(field, f"This is not a valid {match[1]}.", described(kind))


def _range(field: str, match: re.Match[str], kind: Any) -> Detail:
    return Detail(field, "This number is too large.", "Use a smaller one.")


_SAYINGS: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str], Any], Detail]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), answer)
    for pattern, answer in (
        (r"Expected `([^`]+)`, got `([^`]+)`", _wrong_type),
        (r"Expected `(\w+)` of length ([<>]=) (\d+)", _length),
        (r"Expected `\w+` ([<>]=?) (-?[\d.]+)", _size),
        (r"Invalid enum value .*", _choice),
        (r"Object missing required field `(.+)`", _missing),
        (r"Object contains unknown field `(.*)`", _foreign),
        (r"Expected `str` matching regex .*", _malformed),
        (r"Invalid (?:RFC3339 encoded |base64 encoded )?(\w+).*", _invalid),
        (r"(?:Integer value|Number) out of range", _range),
    )
)
