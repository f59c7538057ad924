"""What becomes of an object with age: platform.toml's rules, decided here and carried out elsewhere.

A rule's age counts from when the object was written, or for a version that was replaced or deleted from that moment. Of the rules
that an object has come of age for the last one counts; they are written in order of age.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

import msgspec

from directfanz.platform_toml import LifecycleRule

Fate = Literal["infrequent", "archive", "tiered", "deleted"]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """`marker`: a deletion, in a bucket that keeps old versions."""

    key: str
    id: str | None
    written: datetime
    marker: bool = False


class Due(msgspec.Struct, frozen=True, kw_only=True):
    version: Version
    fate: Fate
    current: bool


def fate_of(rules: Sequence[LifecycleRule], key: str, age: timedelta, *, current: bool) -> Fate | None:
    """None: it stays where it was written."""
    reached = [
        rule
        for rule in rules
        if rule.noncurrent != current and key.startswith(rule.prefix) and age >= timedelta(days=rule.after_days)
    ]
    return max(reached, key=lambda rule: (rule.after_days, rule.to == "deleted")).to if reached else None


def due(rules: Sequence[LifecycleRule], versions: Iterable[Version], now: datetime) -> Iterator[Due]:
    """`versions`: of one key after the other, and of each the newest first."""
    for _, same in groupby(versions, key=lambda version: version.key):
        yield from _due_of_one(rules, list(same), now)


def _due_of_one(rules: Sequence[LifecycleRule], versions: Sequence[Version], now: datetime) -> Iterator[Due]:
    """A deletion that is all there is left of a key says nothing any more, and goes too."""
    left = 0
    for index, version in enumerate(versions):
        since = version.written if index == 0 else versions[index - 1].written
        fate = fate_of(rules, version.key, now - since, current=index == 0)
        if version.marker and (index == 0 or fate != "deleted"):
            fate = None
        if fate is not None:
            yield Due(version=version, fate=fate, current=index == 0)
        left += fate != "deleted" or index == 0
    if left == 1 and versions[0].marker:
        yield Due(version=versions[0], fate="deleted", current=False)
