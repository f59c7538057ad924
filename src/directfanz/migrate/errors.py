"""What can go wrong while moving, and who is to blame: the exit code of each verb says it to scripts.

MigrationError          1  we are: the message is a bug report
├── WrongUse            2  the command line, or a verb in the wrong phase
├── Incomplete          3  a verb was interrupted: go on with --resume, begin anew with --restart
├── SourceProblem       4  the source said no, or is away
├── TargetProblem       5  the target said no, or is away
├── Held                6  another operator is at work
├── GateFailed          7  a gate is shut; nothing was changed
└── Different           8  the two sides are not equal
"""

from __future__ import annotations

from typing import ClassVar, Literal

from directfanz.errors import DirectFanzError

SideName = Literal["source", "target"]


class MigrationError(DirectFanzError):
    code = "migration_failed"
    exit_code: ClassVar[int] = 1


class WrongUse(MigrationError):
    code = "wrong_use"
    exit_code = 2


class Incomplete(MigrationError):
    code = "incomplete"
    exit_code = 3
    retryable = True


class SideProblem(MigrationError):
    """A server's own words, with its code for those who look for one."""

    def __init__(self, message: str, sqlstate: str = "") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class SourceProblem(SideProblem):
    code = "source_problem"
    exit_code = 4


class TargetProblem(SideProblem):
    code = "target_problem"
    exit_code = 5


class Held(MigrationError):
    code = "held"
    exit_code = 6


class GateFailed(MigrationError):
    code = "gate_failed"
    exit_code = 7


class Different(MigrationError):
    code = "different"
    exit_code = 8


BLAMED: dict[SideName, type[SideProblem]] = {"source": SourceProblem, "target": TargetProblem}


def blame(side: SideName, words: str, sqlstate: str = "") -> SideProblem:
    return BLAMED[side](f"The {side} says: {words.strip()}", sqlstate)
