"""What Terraform does, as it tells machines, in lines for a person: how much is done, and what it waits for."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

Planned = dict[str, list[str]]  # addresses by what is done to them
EVERY_SECONDS = 10
SHOWN_AT_WORK = 2
_MODULES = re.compile(r"^module\.platform\.|module\.|\.this$|\.this(?=\[)")
_COUNTED = {"create": "to make", "update": "to change", "replace": "to replace", "delete": "to remove"}


def short(address: str) -> str:
    """`module.platform.module.network.aws_vpc.this` is `network.aws_vpc`."""
    return _MODULES.sub("", address)


class Progress:
    """Hears one line of `terraform ... -json` after the other."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.planned: Planned = {}
        self.problems: list[str] = []
        self._began: datetime | None = None
        self._told = 0.0
        self._at_work: dict[str, float] = {}
        self._done = 0
        self._wanted = 0

    def hear(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            self.problems.append(line)
            return
        if not isinstance(event, dict) or "@timestamp" not in event:
            return
        now = self._seconds(event["@timestamp"])
        kind = event.get("type")
        if kind == "planned_change":
            change = event["change"]
            self.planned.setdefault(change["action"], []).append(change["resource"]["addr"])
        elif kind == "diagnostic" and event["diagnostic"]["severity"] == "error":
            self.problems.append(_problem(event["diagnostic"]))
        elif kind in ("apply_start", "apply_complete", "apply_errored"):
            self._step(kind, event["hook"], now)
        self._say(now, kind)

    def wants(self, steps: int) -> None:
        """How many steps the plan had that is carried out now."""
        self._wanted = steps

    def _step(self, kind: str, hook: Mapping[str, Any], now: float) -> None:
        address = hook["resource"]["addr"]
        if kind == "apply_start":
            self._at_work[address] = now
            return
        self._at_work.pop(address, None)
        self._done += kind == "apply_complete"
        if kind == "apply_errored":
            self._tell(f"{_clock(now)}  {short(address)} failed; what stands beside it is finished first")

    def _say(self, now: float, kind: str | None) -> None:
        if not self._wanted or kind not in ("apply_complete", "apply_progress", "apply_start"):
            return
        if now - self._told < EVERY_SECONDS and self._done < self._wanted:
            return
        self._told = now
        longest = sorted(self._at_work.items(), key=lambda item: item[1])
        waits = ", ".join(f"{short(address)} ({_clock(now - since)})" for address, since in longest[:SHOWN_AT_WORK])
        more = f" and {len(longest) - SHOWN_AT_WORK} more" if len(longest) > SHOWN_AT_WORK else ""
        self._tell(
            f"{_clock(now)}  {self._done:>4} of {self._wanted}" + (f"  waiting for {waits}{more}" if waits else "")
        )

    def _seconds(self, timestamp: str) -> float:
        moment = datetime.fromisoformat(timestamp)
        self._began = self._began or moment
        return (moment - self._began).total_seconds()


def steps(planned: Planned) -> int:
    """What is replaced is removed and made."""
    return sum(len(planned.get(action, ())) * (2 if action == "replace" else 1) for action in _COUNTED)


def counted(planned: Planned) -> str:
    told = [f"{len(planned.get(action, ())):,} {word}" for action, word in _COUNTED.items() if planned.get(action)]
    return ", ".join(told) or "nothing to do"


def by_part(addresses: list[str]) -> list[str]:
    """How many in which module, the largest first."""
    found = (re.match(r"([a-z]+)(\[[^\]]*\])?\.\D", short(one)) for one in addresses)
    parts = Counter(one[1] if one else "platform" for one in found)
    return [f"  {name:<15}{count:>5}" for name, count in sorted(parts.items(), key=lambda part: (-part[1], part[0]))]


def changed(changes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Of a shown plan: what is otherwise, and which of its values; what is made anew or goes says so."""
    for change in changes:
        before, after = change["change"]["before"] or {}, change["change"]["after"]
        if after is None:
            yield f"{change['address']} is gone"
            continue
        names = sorted(name for name in set(before) | set(after) if before.get(name) != after.get(name))
        if names:
            yield f"{change['address']}: {', '.join(names)}"


def losses(planned: Planned) -> list[str]:
    """What does not survive the plan: whoever reads this late at night should see it before it happens."""
    return [
        f"  {words} {short(one)}"
        for action, words in (("delete", "removes "), ("replace", "replaces"))
        for one in sorted(planned.get(action, ()))
    ]


def _problem(told: Mapping[str, Any]) -> str:
    snippet = told.get("snippet") or {}
    where = short(told["address"]) if told.get("address") else snippet.get("context") or ""
    return "\n".join(
        [f"{where}: {told['summary']}" if where else told["summary"], *told.get("detail", "").splitlines()]
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
