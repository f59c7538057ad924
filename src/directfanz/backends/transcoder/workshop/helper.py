"""Python that reads a stranger's file, in a confined process of its own: a script, its orders as JSON, its findings as one line of JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from directfanz.backends.transcoder.confinement import Confinement
from directfanz.backends.transcoder.contract import BadMedia

T = TypeVar("T")
SCRIPTS = Path(__file__).parent / "scripts"


class _Refused(msgspec.Struct):
    reason: str
    words: str


async def helped(
    confined: Confinement, script: str, asked: dict[str, Any], kind: type[T], *, line_of_progress: Any = None
) -> T:
    """A script refuses with `{"reason", "words"}`; what it says besides is its result, in its last line."""
    lines: list[str] = []

    def heard(line: str) -> None:
        if line.startswith("progress ") and line_of_progress is not None:
            line_of_progress(float(line.split(" ")[1]))
        elif line.startswith("{"):
            lines.append(line)

    command = [sys.executable, "-I", str(SCRIPTS / script), msgspec.json.encode(asked).decode()]
    ended = await confined.run(command, line=heard)
    if ended.code == 3 and lines:
        refused = msgspec.json.decode(lines[-1], type=_Refused)
        raise BadMedia(refused.reason, refused.words)
    ended.require_success()
    if not lines:
        raise BadMedia("unreadable", "This file cannot be read. It may be damaged, or it is not what its name says.")
    return msgspec.json.decode(lines[-1], type=kind)
