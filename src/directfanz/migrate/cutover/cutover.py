"""The fence and what happens inside it. Until the other side is opened every error ends with the writers where they were.

    gates -> pause -> lock all tables -> marker out, marker seen -> sequences -> end other sessions -> lock still ours?
                                      -> close the door here --------------> (beside, for it waits for a disk)
    -> open there -> point the switch -> let go -> canary: a write there comes back here

The lock lives in a session that the server ends by itself when we fall silent, so writers never wait longer than the plan's `fence_ms`.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec

from directfanz.migrate.cutover import doors, unstreamed
from directfanz.migrate.cutover.carriers import bring_all
from directfanz.migrate.cutover.direction import Direction
from directfanz.migrate.cutover.gates import require_gates
from directfanz.migrate.cutover.switches import Switch
from directfanz.migrate.errors import GateFailed, MigrationError
from directfanz.migrate.follow import markers, sequences
from directfanz.migrate.follow.fences import lock_tables
from directfanz.migrate.move.generations import all_generations
from directfanz.migrate.side import Session
from directfanz.migrate.work import Work

OPENED = "opened"  # the side that was opened last: from then on it may have writes of its own


class Fenced(msgspec.Struct, frozen=True):
    pause_ms: float
    steps: dict[str, float]  # milliseconds since the fence began


class _Steps:
    def __init__(self, work: Work) -> None:
        self._work, self._began, self.taken = work, work.clock.monotonic(), dict[str, float]()

    def restart(self, began: float) -> None:
        self._began = began

    def took(self, name: str) -> None:
        self.taken[name] = round((self._work.clock.monotonic() - self._began) * 1000, 1)

    def fenced(self) -> Fenced:
        return Fenced(max(self.taken.values()), self.taken)


def move_writes(work: Work, direction: Direction, switch: Switch, *, flip: bool = True) -> Fenced:
    """`flip` false is the drill: everything but the doors and the switch."""
    require_gates(work, direction)
    fenced = _inside_the_fence(work, direction, switch, flip=flip)
    told = ", ".join(f"{name} {at:.0f}" for name, at in fenced.steps.items())
    what = f"The writes are on the {direction.reader.name}" if flip else "Drill: fenced and let go"
    work.decide(
        "cutover" if flip else "drill",
        f"{what}; writers waited {fenced.pause_ms:.0f} ms ({told}).",
        pause_ms=fenced.pause_ms,
    )
    return fenced


def _inside_the_fence(work: Work, direction: Direction, switch: Switch, *, flip: bool) -> Fenced:
    writer, reader = direction.writer, direction.reader
    with (
        writer.session("fence") as locking,
        writer.session("fence") as here,
        writer.session("fence") as door,
        reader.session("fence") as there,
        ThreadPoolExecutor(1) as beside,
    ):
        known, unlogged = sequences.names(here), unstreamed.unlogged_tables(here)
        tables = [table for one in all_generations(work) for table in one.streamed] + [
            table.quoted for table in unlogged
        ]
        there.execute(
            "SET synchronous_commit = off"
        )  # sequences: what opens the door afterwards is durable, and they with it
        markers.tidy(here, direction.numbers)
        visitors = doors.note_visitors(work, writer, here)
        steps = _Steps(work)
        bring_all(work.carriers, back=direction.is_back, say=work.say)
        try:
            switch.pause()
            steps.restart(lock_tables(work, locking, sorted(set(tables)), "EXCLUSIVE"))
            steps.took("fenced")
            shutting = beside.submit(doors.shut, work, writer, door, visitors) if flip else None
            try:
                states = _drain(work, direction, here, there, known)
                steps.took("drained")
                unstreamed.bring(work, direction, here, there, states, unlogged)
                steps.took("sequences")
                if work.carriers:
                    bring_all(work.carriers, back=direction.is_back, say=work.say)
                    steps.took("cache")
            finally:
                shut_at = shutting.result() if shutting else None  # also before it is opened again
            if shut_at:
                doors.see_out(work, writer, here, shut_at)
                steps.took("seen out")
                locking.execute("SELECT 1")  # the lock outlived every other session: nobody wrote behind the marker
                work.store.remember(OPENED, reader.name)
                steps.took("closed")
        except BaseException:
            _send_back(work, direction, switch, here)
            raise
        if flip:
            _open(work, direction, switch, there)
            steps.took("opened")
        _let_go(locking)
        switch.resume()
        steps.took("released")
    return steps.fenced()


def _drain(work: Work, direction: Direction, here: Session, there: Session, known: list[str]) -> sequences.States:
    """All rows; and how the sequences stand, read while the last row travels."""
    states: sequences.States = {}
    seconds = work.options.fence_ms / 1000
    read = partial(sequences.states, here, known)
    if markers.arrives(work, here, there, direction.numbers, seconds, lambda: states.update(read())) is None:
        raise GateFailed(
            f"The other side did not catch up within {work.options.fence_ms} ms. Writers were let go, nothing was changed."
        )
    return states


def _open(work: Work, direction: Direction, switch: Switch, there: Session) -> None:
    there.execute("SET synchronous_commit = on")
    doors.open_(work, direction.reader, there)
    switch.point(direction.reader)


def _let_go(locking: Session) -> None:
    with contextlib.suppress(MigrationError):  # its time may be over; the doors are moved already
        locking.execute("COMMIT")


def _send_back(work: Work, direction: Direction, switch: Switch, here: Session) -> None:
    """Whatever broke, the writers go on where they were."""
    with contextlib.suppress(MigrationError):
        doors.open_(work, direction.writer, here)
    with contextlib.suppress(MigrationError):
        switch.resume()


def go_on(work: Work, direction: Direction, switch: Switch) -> None:
    """After a crash behind the point of no return: the doors and the switch once more, each as if for the first time."""
    with direction.writer.session("fence") as here, direction.reader.session("fence") as there:
        doors.close(work, direction.writer, here)
        _open(work, direction, switch, there)
        switch.resume()


def require_canary(work: Work, direction: Direction) -> None:
    """A write on the new side arrives on the old one: writes work there, and the way back carries them."""
    if not direction.back:
        return
    with direction.reader.session("canary") as new, direction.writer.session("canary") as old:
        if markers.arrives(work, new, old, direction.back, work.options.canary_ms / 1000) is None:
            raise GateFailed(
                f"A write on the {direction.reader.name} did not come back within {work.options.canary_ms} ms."
            )
