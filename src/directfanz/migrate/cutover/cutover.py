"""The fence and what happens inside it. Until the other side is opened every error ends with the writers where they were.

    gates -> pause -> lock all tables -> marker out, marker seen -> sequences -> shut the door -> end other sessions -> lock still ours?
                                      -> all but the commit of the door        (beside)         -> onto the disk
    -> open there -> point the switch -> let go -> canary: a write there comes back here

Opening is the point of no return. On the target it is written down and done in one transaction; the source is opened after it is written
down in the target. When the answer to it is lost, what is written down says who has the writers.
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
        visitors, opening = doors.note_visitors(work, writer, here), doors.opening(work, reader)
        steps = _Steps(work)
        bring_all(work.carriers, back=direction.is_back, say=work.say)
        try:
            switch.pause()
            steps.restart(lock_tables(work, locking, sorted(set(tables)), "EXCLUSIVE"))
            steps.took("fenced")
            closing = beside.submit(doors.prepare, work, writer, door, visitors) if flip else None
            try:
                states = _drain(work, direction, here, there, known)
                steps.took("drained")
                unstreamed.bring(work, direction, here, there, states, unlogged)
                steps.took("sequences")
                if work.carriers:
                    bring_all(work.carriers, back=direction.is_back, say=work.say)
                    steps.took("cache")
            finally:
                if closing:
                    closing.result()  # also before it is opened again
            if flip:
                shut_at = doors.shut(door)
                flushing = beside.submit(doors.flush, door)
                doors.see_out(work, writer, here, shut_at)
                flushing.result()
                steps.took("seen out")
                locking.execute("SELECT 1")  # the lock outlived every other session: nobody wrote behind the marker
                steps.took("closed")
        except BaseException:
            _leave(door)
            _send_back(work, direction, switch, here)
            raise
        if flip:
            _open(work, direction, switch, here, there, opening)
            steps.took("opened")
            switch.point(reader)
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


def _open(work: Work, direction: Direction, switch: Switch, here: Session, there: Session, opening: str) -> None:
    try:
        _pass_on(work, direction, here, there, opening)
    except BaseException:
        if not _is_passed_on(work, direction, here, there):
            _send_back(work, direction, switch, here)
        raise


def _pass_on(work: Work, direction: Direction, here: Session, there: Session, opening: str) -> None:
    noting = work.store.remembering(OPENED, direction.reader.name)
    if direction.is_back:
        here.execute(noting)
        noting = "SELECT 1"
    there.execute(f"SET synchronous_commit = on; {noting}; {opening}")


def _is_passed_on(work: Work, direction: Direction, here: Session, there: Session) -> bool:
    """An answer that was lost says nothing: what may still be under way is ended, and then the state is asked."""
    here.close()
    there.close()
    for side in {direction.reader, work.target}:
        doors.turn_away(work, side)
    return bool(work.store.recall(OPENED) == direction.reader.name)


def _let_go(locking: Session) -> None:
    with contextlib.suppress(MigrationError):  # its time may be over; the doors are moved already
        locking.execute("COMMIT")


def _leave(door: Session) -> None:
    """A door that was not yet shut would keep us from opening it."""
    with contextlib.suppress(MigrationError):
        door.execute("ROLLBACK")


def _send_back(work: Work, direction: Direction, switch: Switch, here: Session) -> None:
    """Whatever broke, the writers go on where they were."""
    with contextlib.suppress(MigrationError):
        if here.closed:
            with direction.writer.session("fence") as again:
                doors.open_(work, direction.writer, again)
        else:
            doors.open_(work, direction.writer, here)
    with contextlib.suppress(MigrationError):
        switch.resume()


def go_on(work: Work, direction: Direction, switch: Switch) -> None:
    """After a crash behind the point of no return: the doors and the switch once more, each as if for the first time."""
    with direction.writer.session("fence") as here, direction.reader.session("fence") as there:
        doors.close(work, direction.writer, here)
        _pass_on(work, direction, here, there, doors.opening(work, direction.reader))
        switch.point(direction.reader)
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
