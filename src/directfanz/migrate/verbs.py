"""The verbs that change something, each with its way in, on and back."""

from __future__ import annotations

from collections.abc import Callable

from directfanz.migrate.cutover import doors
from directfanz.migrate.cutover.cutover import OPENED, Fenced, go_on, move_writes, require_canary
from directfanz.migrate.cutover.direction import back, there
from directfanz.migrate.cutover.switches import ByHand, Switch
from directfanz.migrate.errors import GateFailed, MigrationError, WrongUse
from directfanz.migrate.follow import channels, identity
from directfanz.migrate.follow import follow as following
from directfanz.migrate.move import copier, undo
from directfanz.migrate.move.schema import move_schema
from directfanz.migrate.objects import references
from directfanz.migrate.preflight import preflight, require_fine
from directfanz.migrate.side import quoted
from directfanz.migrate.state.machine import Phase, Standing, Verb, require_phase
from directfanz.migrate.state.tables import SCHEMA
from directfanz.migrate.work import Work

DRILL = "drill under way"
UNDO: dict[Verb, Callable[[Work], None]] = {
    "schema": undo.undo_schema,
    "copy": undo.undo_copy,
}


def _begin(work: Work, verb: Verb, *, resume: bool, restart: bool) -> Standing:
    before = work.store.begin(verb, resume=resume, restart=restart)
    if restart and before.doing == verb:
        UNDO[verb](work)
    return before


def schema(work: Work, *, resume: bool = False, restart: bool = False) -> None:
    """In one transaction, so that going on and beginning anew are the same."""
    if work.store.standing().phase == "planned":
        require_fine(preflight(work.source, work.target, work.plan, work.clock))
    _begin(work, "schema", resume=resume, restart=restart)
    move_schema(work)


def copy(work: Work, *, resume: bool = False, restart: bool = False) -> None:
    _begin(work, "copy", resume=resume, restart=restart)
    copier.copy(work)


def follow(work: Work, *, resume: bool = False, restart: bool = False) -> float:
    """A stream that has begun cannot be rewound: to begin anew is to copy anew."""
    if restart and work.store.standing().doing == "follow":
        _one_back(work, ByHand())
        copy(work)
    work.store.begin("follow", resume=resume or restart)
    return following.follow(work)


def run_to_stream(work: Work, to: Phase = "following", *, restart: bool = False) -> None:
    """Every verb up to the stream, or to an earlier phase, each going on where it was interrupted, or beginning anew."""
    steps: tuple[tuple[Phase, Callable[..., object]], ...] = (("planned", schema), ("schema", copy), ("copied", follow))
    for phase, verb in steps:
        now = work.store.standing()
        if now.phase == phase != to:
            verb(work, **({"restart" if restart else "resume": True} if now.doing else {}))


def cutover(work: Work, switch: Switch, *, resume: bool = False, restart: bool = False) -> Fenced | None:
    """Either the writes are on the target and come back to the source, or everything is as it was."""
    if restart and work.store.standing().doing == "cutover":
        _one_back(work, switch)
    before = work.store.begin("cutover", resume=resume)
    direction = there(work)
    opened = before.doing == "cutover" and work.store.recall(OPENED) == "target"
    fenced = None
    if opened:
        go_on(work, direction, switch)
    else:
        try:
            fenced = move_writes(work, direction, switch)
        except BaseException as error:
            if work.store.recall(OPENED) != "target":
                work.store.abandon(f"Refused: {error}")
            raise
    try:
        require_canary(work, direction)
    except GateFailed as error:
        _return(work, switch, error)
    work.store.end("The target has the writes.", **({"pause_ms": fenced.pause_ms} if fenced else {}))
    return fenced


def _return(work: Work, switch: Switch, error: GateFailed) -> None:
    """The writes that the target got in the meantime go back with everybody."""
    work.decide("warning", f"The canary failed: {error.message} Everybody returns to the source.")
    try:
        move_writes(work, back(work), switch)
    except MigrationError as worse:
        raise GateFailed(
            f"{error.message} The writes could not be brought back either: {worse.message} They are on the target, and nothing is lost. "
            f"Mend the stream and say `rollback`, or stay with `cutover --resume`."
        ) from worse
    work.store.abandon("Returned to the source after the canary failed.")
    raise GateFailed(f"{error.message} Everybody is back on the source, with every write.")


def drill(
    work: Work,
    switch: Switch,
    *,
    times: int = 3,
    there_and_back: bool = False,
    resume: bool = False,
    restart: bool = False,
) -> list[float]:
    """The pauses, in milliseconds. Nothing is different afterwards; `resume` counts on what an interrupted one had measured."""
    if (resume or restart) and work.store.recall(DRILL) and _is_away(work.store.standing()):
        rollback(work, switch)
    require_phase(work.store.standing(), ("following",), "drill")
    pauses: list[float] = (work.store.recall(DRILL) or []) if resume else []
    for _ in range(len(pauses) // (1 + there_and_back), times):
        work.store.remember(DRILL, pauses)
        if there_and_back:
            fenced = cutover(work, switch)
            pauses += [fenced.pause_ms if fenced else 0.0, rollback(work, switch) or 0.0]
        else:
            pauses.append(move_writes(work, there(work), switch, flip=False).pause_ms)
    work.store.forget(DRILL)
    work.store.remember("drill", {"pauses_ms": pauses, "there_and_back": there_and_back})
    return pauses


def _is_away(now: Standing) -> bool:
    """In the middle of a drill there and back."""
    return now.phase == "cut_over" or now.doing in ("cutover", "rollback")


def rollback(work: Work, switch: Switch, *, to: Phase | None = None) -> float | None:
    """One phase back, or as many as `to` says. The writers' pause where there was one."""
    pause = _one_back(work, switch)
    while to and (now := work.store.standing()).phase != to:
        if now.phase == "planned":
            raise WrongUse(f"The phase {to} is not on the way back.")
        pause = _one_back(work, switch) or pause
    return pause


def _one_back(work: Work, switch: Switch) -> float | None:
    before = work.store.begin("rollback")
    undone: Verb | None = before.doing if before.doing not in (None, "rollback") else None
    fenced = None
    if before.phase == "cut_over" or (undone == "cutover" and work.store.recall(OPENED) == "target"):
        fenced = _writes_back(work, switch)
    elif undone == "cutover":
        with work.source.session("fence") as session:
            doors.open_(work, work.source, session)
        switch.resume()
    elif undone == "schema" or (before.phase == "schema" and undone is None):
        undo.undo_schema(work)
    else:
        undo.undo_copy(work)
    work.store.end("Rolled back.", undone=undone or before.phase)
    return fenced.pause_ms if fenced else None


def _writes_back(work: Work, switch: Switch) -> Fenced | None:
    if not work.options.reverse:
        raise WrongUse("This plan has no stream back (--no-reverse), so going back would lose what the target got.")
    if work.store.recall(OPENED) == "source":
        go_on(work, back(work), switch)
        return None
    _references_back(work)
    return move_writes(work, back(work), switch)


def _references_back(work: Work) -> None:
    """The old side's applications read from the old store."""
    with work.target.session("rollback") as session:
        made = references.take_back(session, work.store.run)
        for one in made:
            left = f"; {one.left} were changed since and stay" if one.left else ""
            work.decide("milestone", f"References of {one.relation}.{one.field} taken back in {one.rows:,} rows{left}.")
    if any(one.rows for one in made):
        following.round_trip_back(work, channels.FIRST_SECONDS)  # so many rows at once are on their way for a while


def finish(work: Work, *, resume: bool = False) -> None:
    """The one door that does not open again: streams end, and the source keeps what it has, closed to writers."""
    before = work.store.standing()
    if before.doing != "finish":
        verdicts = [one for one in work.store.verdicts() if one[1] == "all" and one[0] >= work.store.since()]
        if work.options.reverse and (not verdicts or not verdicts[-1][2]):
            raise GateFailed(
                "Verify once more before the way back is given up: `verify` after the cutover found nothing equal yet."
            )
    work.store.begin("finish", resume=resume)
    following.stop(work)
    identity.restore(work, work.source, work.target)
    following.leave_source(work)
    _leave_target(work)
    work.store.end("Finished. The source is closed to writers and keeps what it has.")


def _leave_target(work: Work) -> None:
    """The story stays; what the two sides needed to talk goes."""
    with work.target.session("finish") as target:
        names = target.rows(
            """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname ~ '^marker_'""",
            (SCHEMA,),
        )
        for (name,) in names:
            target.execute(f"DROP TABLE {quoted(SCHEMA, name)}")
        if target.value("SELECT true FROM pg_replication_origin WHERE roname = %s", (f"{SCHEMA}_repair",)):
            target.execute("SELECT pg_replication_origin_drop(%s)", (f"{SCHEMA}_repair",))
