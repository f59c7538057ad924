"""Which passwords are too easily guessed. No network is asked: a list, and a few rules that see through disguises."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from directfanz.errors import InvalidInput

SHORTEST = 10
# Hashing reads all of it; a novel is no password.
LONGEST = 200
FEWEST_DIFFERENT = 5
_LIST = Path(__file__).with_name("common_passwords.txt")
_HEAD, _TAIL = r"^[\W\d_]+", r"[\W\d_]+$"
_DISGUISES = str.maketrans("@4831!05$7+", "aabeiiosstt")
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop",
         "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p")  # fmt: skip


def normalised(password: str) -> str:
    """The same password typed on another keyboard gives the same bytes."""
    return unicodedata.normalize("NFKC", password)


def require_good(password: str, *known: str | None, field: str = "password") -> None:
    """`known` is what others know of the person: address, handle, name."""
    problem = weakness(normalised(password), [each for each in known if each])
    if problem:
        raise InvalidInput.in_field(field, problem, "A sentence of four or more words is easy to keep in mind.")


def weakness(password: str, known: list[str]) -> str | None:
    small = password.lower()
    if len(password) < SHORTEST:
        return f"A password needs at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if any("\ud800" <= each <= "\udfff" for each in password):
        return "This password holds half a character."
    if len(set(small)) < FEWEST_DIFFERENT or _repeats(small):
        return "This password repeats itself too much."
    if _is_run(small):
        return "This password follows the keyboard or the alphabet."
    if any(part in small for part in _parts(known)):
        return "This password holds your name or address."
    if _is_common(small):
        return "This password is among the first that somebody would try."
    return None


def _repeats(small: str) -> bool:
    """`abcabcabcabc`: found inside its own doubling, shifted."""
    return small in (small + small)[1:-1]


def _is_run(small: str) -> bool:
    """More than two thirds of it are steps along a keyboard row or the alphabet, either way."""
    steps = sum(small[i : i + 3] in _triples() for i in range(len(small) - 2))
    return steps * 3 >= (len(small) - 2) * 2


@cache
def _triples() -> frozenset[str]:
    both = [run for forward in _RUNS for run in (forward, forward[::-1])]
    return frozenset(run[i : i + 3] for run in both for i in range(len(run) - 2))


def _parts(known: list[str]) -> set[str]:
    """What of a name or address is long enough to count."""
    words = {word for each in known for word in re.split(r"[\s@._+-]+", each.lower())} | {
        each.lower() for each in known
    }
    return {word for word in words if len(word) >= 4 and word not in ("mail", "gmail", "example")}


def _is_common(small: str) -> bool:
    """Also behind digits, signs, and letters written as digits: `P@ssw0rd2026!`."""
    bare = {re.sub(f"{head}|{tail}", "", small) for head in (_HEAD, "$^") for tail in (_TAIL, "$^")}
    plain = bare | {each.translate(_DISGUISES) for each in bare}
    plain |= {re.sub(r"[\W\d_]+", "", each) for each in plain}
    return bool(plain & _common())


@cache
def _common() -> frozenset[str]:
    return frozenset(_LIST.read_text().split())
