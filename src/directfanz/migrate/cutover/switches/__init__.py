"""What tells the applications where the writes are. One file per kind.

`pause` holds clients back without an error where the kind can; `point` leads new connections to a side; `resume` lets clients go on. Each
may be called twice and must not mind; a switch that fails before anything was opened sends everybody back to where they were.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from directfanz.migrate.errors import SideName, WrongUse
from directfanz.migrate.side import Side


class Switch(Protocol):
    def pause(self) -> None: ...

    def point(self, side: Side) -> None: ...

    def resume(self) -> None: ...


class ByHand:
    """Nobody but the fence: applications are led over by their operators, and until then they may only read."""

    def pause(self) -> None: ...

    def point(self, side: Side) -> None: ...

    def resume(self) -> None: ...


def switch_of(text: str, applications: dict[SideName, str]) -> Switch:
    """`file:/run/app/database-url`, `command:/opt/flip`, or nothing. `applications` are the addresses that applications use."""
    from directfanz.migrate.cutover.switches.command import CommandSwitch
    from directfanz.migrate.cutover.switches.file import FileSwitch

    kind, _, rest = text.partition(":")
    if not text:
        return ByHand()
    if kind == "file" and rest:
        return FileSwitch(Path(rest), applications)
    if kind == "command" and rest:
        return CommandSwitch(rest)
    raise WrongUse("A switch is file:PATH or command:PROGRAM.")
