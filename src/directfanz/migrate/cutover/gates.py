"""What must hold before a cutover begins. Each gate says what it saw; the first that is shut stops it, and nothing was changed."""

from __future__ import annotations

from datetime import timedelta

from directfanz.migrate.catalogue import compare
from directfanz.migrate.cutover.direction import Direction
from directfanz.migrate.errors import GateFailed
from directfanz.migrate.follow import channels, guard, markers
from directfanz.migrate.follow.follow import watch_slots
from directfanz.migrate.work import Work

HEARTBEAT_SECONDS = 10


def require_gates(work: Work, direction: Direction) -> None:
    _verified(work, direction)
    _no_drift(work, direction)
    channels.require_running(work)
    watch_slots(work)
    _near(work, direction)
    _no_long_transaction(work, direction)


def _verified(work: Work, direction: Direction) -> None:
    """There: only what was found equal not long ago. Back: at once, whenever it is needed."""
    if direction.is_back:
        return
    whole = [one for one in work.store.verdicts() if one[1] == "all" and one[4]["phase"] in ("following", "cut_over")]
    if not whole:
        raise GateFailed("Nothing was verified since the changes follow. Run `verify` first.")
    at, _, equal, _, _ = whole[-1]
    if not equal:
        raise GateFailed("The last verification found differences. Look at `report`, repair, and verify again.")
    if work.clock.now() - at > timedelta(hours=work.options.verified_hours):
        raise GateFailed(f"The last verification is older than {work.options.verified_hours} hours. Verify again.")


def _no_drift(work: Work, direction: Direction) -> None:
    if direction.is_back:
        return
    if changes := guard.recorded(work):
        raise GateFailed(
            f"The schema was changed since the move began: {'; '.join(changes[:5])}. Make the same change in the target."
        )
    with work.source.session("gate") as source, work.target.session("gate") as target:
        differences = compare.compare(compare.read(source), compare.read(target), owners=work.options.owners)
    if differences:
        raise GateFailed("The schemas differ: " + " ".join(str(one) for one in differences[:5]))


def _near(work: Work, direction: Direction) -> None:
    with direction.writer.session("gate") as here, direction.reader.session("gate") as there:
        for first, second, numbers, what in (
            (here, there, direction.numbers, "A write needs"),
            (there, here, direction.back, "The way back needs"),
        ):
            if not numbers:
                continue
            lag = markers.arrives(work, first, second, numbers, HEARTBEAT_SECONDS)
            if lag is None or lag * 1000 > work.options.lag_ms:
                told = f"{lag * 1000:.0f} ms" if lag is not None else f"more than {HEARTBEAT_SECONDS} s"
                raise GateFailed(
                    f"{what} {told} to the other side; {work.options.lag_ms} ms are allowed. Try again when it is quieter."
                )


def _no_long_transaction(work: Work, direction: Direction) -> None:
    with direction.writer.session("gate") as session:
        rows = session.rows(
            """SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::int FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend' AND backend_xid IS NOT NULL
            AND application_name NOT LIKE 'directfanz migrate%%' AND xact_start < clock_timestamp() - %s * interval '1 second'""",
            (work.options.long_transaction_seconds,),
        )
    if rows:
        told = ", ".join(f"process {pid} for {seconds} s" for pid, seconds in rows[:5])
        raise GateFailed(
            f"A transaction that writes has been open too long: {told}. The fence would have to wait for it."
        )
