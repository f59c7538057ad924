"""A program of the operator's: `PROGRAM pause`, `PROGRAM source`, `PROGRAM target`, `PROGRAM resume`. Anything but 0 stops the cutover.

A pooler, a parameter store or a name server is flipped by a few lines of shell; docs/migration.md has them for PgBouncer.
"""

from __future__ import annotations

import subprocess

from directfanz.migrate.errors import GateFailed
from directfanz.migrate.side import Side

SECONDS = 10


class CommandSwitch:
    def __init__(self, program: str) -> None:
        self._program = program

    def pause(self) -> None:
        self._run("pause")

    def point(self, side: Side) -> None:
        self._run(side.name)

    def resume(self) -> None:
        self._run("resume")

    def _run(self, word: str) -> None:
        try:
            done = subprocess.run([self._program, word], capture_output=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GateFailed(f"The switch could not be told `{word}`: {error}") from None
        if done.returncode:
            raise GateFailed(
                f"The switch answered {done.returncode} to `{word}`: {done.stderr.decode(errors='replace').strip()[-500:]}"
            )
