"""One thing wrong with platform.toml, and how all of them are told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from directfanz.errors import ConfigurationError, Detail
from directfanz.platform_toml.lines import Path, line_at

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
MAX_TOLD = 20


class Problem(NamedTuple):
    path: Path
    reason: str
    advice: str


def dotted(path: Path) -> str:
    """`routes."/api/".cache`, `buckets.media.lifecycle[1].to`: as one would write it in TOML."""
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part}]"
        else:
            shown = (
                part if _BARE.match(part) else '"' + part.encode("unicode_escape").decode().replace('"', '\\"') + '"'
            )
            words += f".{shown}" if words else shown
    return words or "the file"


def refusal(file: str, problems: Sequence[Problem], lines: dict[Path, int]) -> ConfigurationError:
    """All problems in the order of the file, one per line."""
    ordered = sorted(problems, key=lambda problem: line_at(lines, problem.path))
    told = [
        f"{file}:{line_at(lines, problem.path)}: {dotted(problem.path)}: {problem.reason}; {problem.advice}."
        for problem in ordered[:MAX_TOLD]
    ]
    if len(ordered) > MAX_TOLD:
        told.append(f"... and {len(ordered) - MAX_TOLD} more.")
    details = [Detail(dotted(problem.path), problem.reason, problem.advice) for problem in ordered]
    return ConfigurationError("\n".join(told), *details)
