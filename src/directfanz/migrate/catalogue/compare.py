"""Both catalogues, and how they differ."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

import msgspec

from directfanz.migrate.catalogue import versions
from directfanz.migrate.catalogue.questions import QUESTIONS
from directfanz.migrate.side import Session

Catalogue = Mapping[str, Mapping[str, str]]
# PostgreSQL writes `x IN ('a', 'b')` on varchar with its casts in other places once it has read its own writing.
_REWRITTEN = re.compile(r"::(character varying|text|bpchar)(\[\])?|[()\s]")
REPARSED = ("constraint", "index", "view", "policy", "column", "type", "trigger", "rule")


class Difference(msgspec.Struct, frozen=True):
    kind: str
    name: str
    source: str | None  # None: it is not there
    target: str | None

    def __str__(self) -> str:
        if self.target is None:
            return f"{self.kind} {self.name} is missing in the target."
        if self.source is None:
            return f"{self.kind} {self.name} is only in the target."
        return f"{self.kind} {self.name} differs: {self.source!r} became {self.target!r}."


def read(session: Session) -> dict[str, dict[str, str]]:
    found = {
        kind: {str(name): text or "" for name, text in session.rows(question)} for kind, question in QUESTIONS.items()
    }
    return found | {versions.VERSION: {"version": str(session.value("SHOW server_version_num"))}}


def compare(source: Catalogue, target: Catalogue, *, owners: bool = True) -> list[Difference]:
    found, oldest = [], versions.oldest(source, target)
    for kind in QUESTIONS:
        if not owners and kind in ("owner", "privileges", "column privileges", "default privileges", "schema"):
            continue
        common = versions.common(kind, oldest)
        here, there = (_said(one.get(kind, {}), common) for one in (source, target))
        for name in sorted(here.keys() | there.keys()):
            if not _same(kind, here.get(name), there.get(name), owners):
                found.append(Difference(kind, name, here.get(name), there.get(name)))
    return found


def _said(lines: Mapping[str, str], common: Callable[[str], str | None]) -> dict[str, str]:
    return {name: said for name, text in lines.items() if (said := common(text)) is not None}


def _same(kind: str, source: str | None, target: str | None, owners: bool) -> bool:
    if source == target:
        return True
    if source is None or target is None:
        return False
    if not owners:
        source, target = (re.sub(r" \| (owner|privileges) .*", "", text, flags=re.S) for text in (source, target))
    if kind in REPARSED:
        return _REWRITTEN.sub("", source) == _REWRITTEN.sub("", target)
    return source == target


def digest(catalogue: Catalogue) -> str:
    """Changes when anything does: how drift of the schema is noticed."""
    return hashlib.sha256(msgspec.json.encode(catalogue, order="deterministic")).hexdigest()
