"""The phases of a move. No I/O: what may follow what, and what an interruption means.

    planned -schema-> schema -copy-> copied -follow-> following -cutover-> cut_over -finish-> finished

`rollback` undoes one phase: cut_over -> following keeps every write of both sides. A copy without the stream that belongs to it is
worth nothing, so following and copied go back to schema, and schema to planned.
"""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from directfanz.migrate.errors import Incomplete, WrongUse

Phase = Literal["planned", "schema", "copied", "following", "cut_over", "finished"]
Verb = Literal["schema", "copy", "follow", "cutover", "finish", "rollback"]

PHASES: tuple[Phase, ...] = get_args(Phase)
FORWARD: dict[Verb, tuple[Phase, Phase]] = {
    "schema": ("planned", "schema"),
    "copy": ("schema", "copied"),
    "follow": ("copied", "following"),
    "cutover": ("following", "cut_over"),
    "finish": ("cut_over", "finished"),
}
BACK: dict[Phase, Phase] = {"schema": "planned", "copied": "schema", "following": "schema", "cut_over": "following"}
# Where an interrupted verb leaves us when it is taken back.
UNDONE: dict[Verb, Phase] = {"schema": "planned", "copy": "schema", "follow": "schema", "cutover": "following"}
VERIFIABLE: tuple[Phase, ...] = ("copied", "following", "cut_over")
NEXT: dict[Phase, Verb] = {begin: verb for verb, (begin, _) in FORWARD.items()}


class Standing(msgspec.Struct, frozen=True):
    """Where a move is: in a phase, and perhaps in the middle of a verb that somebody began."""

    phase: Phase
    doing: Verb | None = None
    undoing: bool = False  # `doing` was interrupted, and somebody takes it back


def begun(now: Standing, verb: Verb, *, resume: bool = False, restart: bool = False) -> Standing:
    """Refuses what makes no sense, with the sentence that says what does."""
    if resume and restart:
        raise WrongUse("Say --resume or --restart, not both.")
    if verb == "rollback":
        return _back(now)
    begin, _ = FORWARD[verb]
    if now.phase != begin:
        raise WrongUse(_not_now(now, verb))
    if now.undoing or now.doing == "rollback":
        raise Incomplete("A rollback was interrupted. Say `rollback` again: it goes on.")
    if now.doing == verb and not (resume or restart):
        raise Incomplete(f"`{verb}` was interrupted. Go on with --resume, or undo it and begin anew with --restart.")
    if now.doing not in (None, verb):
        raise Incomplete(f"`{now.doing}` was interrupted. Finish it with --resume, or undo it with `rollback`.")
    return Standing(now.phase, verb)


def ended(now: Standing) -> Standing:
    """The verb that was begun, or its undoing, is done."""
    if now.doing is None:
        raise WrongUse("Nothing was begun that could end.")
    if now.undoing:
        return Standing(UNDONE[now.doing])
    if now.doing == "rollback":
        return Standing(BACK[now.phase])
    return Standing(FORWARD[now.doing][1])


def _back(now: Standing) -> Standing:
    if now.phase == "finished" or now.doing == "finish":
        raise WrongUse("A finished move has no way back: move again, the other way round.")
    if now.doing is None and now.phase == "planned":
        raise WrongUse("There is nothing to undo: only a plan was made.")
    if now.doing in (None, "rollback"):
        return Standing(now.phase, "rollback")
    return Standing(now.phase, now.doing, undoing=True)


def _not_now(now: Standing, verb: Verb) -> str:
    following = NEXT.get(now.phase)
    then = f"What comes next is `{following}`." if following else "The move is over."
    return f"`{verb}` cannot begin in the phase {now.phase}. {then}"


def require_phase(now: Standing, phases: tuple[Phase, ...], what: str) -> None:
    if now.phase not in phases or now.doing:
        busy = f" and `{now.doing}` was interrupted" if now.doing else ""
        raise WrongUse(f"`{what}` needs the phase {' or '.join(phases)}; the move is in {now.phase}{busy}.")
