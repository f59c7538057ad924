"""`follow`: the changes since the copy, and from then on all others, until the cutover."""

from __future__ import annotations

from directfanz.migrate.errors import GateFailed, WrongUse
from directfanz.migrate.follow import channels, guard, identity, markers
from directfanz.migrate.follow.guard import SlotStanding
from directfanz.migrate.move import holder
from directfanz.migrate.move.generations import name_of
from directfanz.migrate.side import quoted
from directfanz.migrate.state.tables import BACK, SCHEMA
from directfanz.migrate.work import Work


def follow(work: Work) -> float:
    """Seconds that a write needs to arrive, once both streams run."""
    if not work.options.follow:
        raise WrongUse("This plan copies without a stream. Plan again without --no-follow to have changes follow.")
    holder.let_go(work.source)  # the slot has the moment now; the source may vacuum again
    identity.prepare_target(work)
    channels.open_forward(work)
    channels.open_back(work)
    if work.options.engine == "dms":
        from directfanz.migrate.dms import engine

        engine.go_on(work)
    lag = first_round_trip(work)
    with work.target.session("follow") as target:
        for table in work.plan.tables:
            if target.value("SELECT to_regclass(%s)", (table.quoted,)) is not None:
                target.execute(f"VACUUM (ANALYZE) {table.quoted}")
    work.store.end(f"Changes follow; a write arrives after {lag * 1000:.0f} ms.", lag_ms=round(lag * 1000, 1))
    return lag


def first_round_trip(work: Work) -> float:
    lag = round_trip(work, channels.FIRST_SECONDS)
    if lag is None:
        channels.require_running(work)
        raise GateFailed(
            f"The target is more than {channels.FIRST_SECONDS} s behind. Say `follow --resume` to go on waiting."
        )
    if work.options.reverse and round_trip_back(work, channels.FIRST_SECONDS) is None:
        raise GateFailed("Nothing comes back from the target: can the source reach it? See --target-as-seen-by-source.")
    return lag


def round_trip(work: Work, seconds: float) -> float | None:
    with work.source.session("follow") as source, work.target.session("follow") as target:
        return markers.arrives(work, source, target, channels.forward_numbers(work), seconds)


def round_trip_back(work: Work, seconds: float) -> float | None:
    with work.source.session("follow") as source, work.target.session("follow") as target:
        return markers.arrives(work, target, source, [BACK], seconds)


def watch_slots(work: Work) -> list[SlotStanding]:
    """Looks, says, and lets go of a stream that would fill the disk of the side that people use."""
    with work.source.session("guard") as source:
        found = guard.slots(source, work.options.slot_bytes, f"{SCHEMA}_{work.store.run.hex[-8:]}")
    for one in found:
        if one.level != "fine" or one.lost:
            work.decide(
                "warning",
                f"The source keeps {one.kept_bytes >> 20} MB for {one.name}: {'lost' if one.lost else one.level}.",
            )
    if any(one.level == "let go" or one.lost for one in found):
        stop(work)
        raise GateFailed("The stream was let go before it filled the source's disk. Roll back, and copy again.")
    return found


def stop(work: Work) -> None:
    """All streams and what they need. The source is as if we had never been there."""
    if work.options.engine == "dms":
        from directfanz.migrate.dms import engine

        engine.stop(work)
    forward = [name_of(work, number) for number in _known_numbers(work)]
    channels.close(work.target, work.source, forward)
    channels.close(work.source, work.target, [name_of(work, BACK)])
    holder.let_go(work.source)


def leave_source(work: Work) -> None:
    with work.source.session("rollback") as source:
        guard.disarm(source)
        source.execute(f"DROP SCHEMA IF EXISTS {quoted(SCHEMA)} CASCADE")


def _known_numbers(work: Work) -> list[int]:
    rows = work.store.session.rows(f"SELECT number FROM {SCHEMA}.generation WHERE run = %s", (work.store.run,))
    return sorted({number for (number,) in rows} | {1})
