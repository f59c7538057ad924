"""The run, its journal and its ledgers: one function per question, each change conditional on what was there."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import msgspec

from directfanz.backends.clock.contract import Clock
from directfanz.kit.ids import new_id
from directfanz.migrate.errors import Held, WrongUse
from directfanz.migrate.plan import Plan
from directfanz.migrate.side import Session, literal
from directfanz.migrate.state.machine import Phase, Standing, Verb, begun, ended
from directfanz.migrate.state.tables import SCHEMA, STORY

NOTHING = "No move is planned in this target. Begin with `directfanz migrate plan`."


class Line(msgspec.Struct, frozen=True):
    at: str
    phase: str
    kind: str
    message: str
    detail: dict[str, Any]


class Store:
    """One open run in one target. `session` commits by itself; what must be atomic is told so."""

    def __init__(self, session: Session, clock: Clock, run: uuid.UUID, plan: Plan) -> None:
        self.session, self.clock, self.run, self.plan = session, clock, run, plan

    @classmethod
    def create(cls, session: Session, clock: Clock, plan: Plan) -> Store:
        session.execute(STORY)
        session.execute(
            f"INSERT INTO {SCHEMA}.run (id, plan, plan_hash, phase, created_at, changed_at) VALUES (%s, %s, %s, 'planned', %s, %s)",
            (run := new_id(), msgspec.json.encode(plan).decode(), plan.hash, clock.now(), clock.now()),
        )
        store = cls(session, clock, run, plan)
        store.note(
            "milestone",
            f"Planned: {plan.source} -> {plan.target}, {len(plan.tables)} tables, about {plan.bytes / 1e6:,.1f} MB.",
        )
        return store

    @classmethod
    def find(cls, session: Session, clock: Clock) -> Store | None:
        """The open run; else the newest that is finished."""
        if session.value("SELECT to_regclass(%s)", (f"{SCHEMA}.run",)) is None:
            return None
        rows = session.rows(
            f"SELECT id, plan::text, plan_hash FROM {SCHEMA}.run ORDER BY phase = 'finished', created_at DESC LIMIT 1"
        )
        if not rows:
            return None
        plan = msgspec.json.decode(rows[0][1], type=Plan)
        if plan.hash != rows[0][2]:
            raise WrongUse("The plan in the target was changed by hand. Roll back, and plan again.")
        return cls(session, clock, rows[0][0], plan)

    @classmethod
    def open(cls, session: Session, clock: Clock) -> Store:
        found = cls.find(session, clock)
        if found is None:
            raise WrongUse(NOTHING)
        return found

    # where it stands

    def standing(self) -> Standing:
        phase, doing, undoing = self.session.rows(
            f"SELECT phase, doing, undoing FROM {SCHEMA}.run WHERE id = %s", (self.run,)
        )[0]
        return Standing(phase, doing, undoing)

    def since(self) -> datetime:
        """When it came to where it stands."""
        at: datetime = self.session.value(f"SELECT changed_at FROM {SCHEMA}.run WHERE id = %s", (self.run,))
        return at

    def begin(self, verb: Verb, *, resume: bool = False, restart: bool = False) -> Standing:
        """The state as it was before, so that the caller knows what there is to go on with."""
        before = self.standing()
        self._move(before, begun(before, verb, resume=resume, restart=restart))
        self.note("begin", f"`{verb}` {'goes on' if before.doing == verb else 'begins'}.")
        return before

    def end(self, message: str, **detail: Any) -> Phase:
        before = self.standing()
        after = ended(before)
        with self.session.transaction():
            self._move(before, after)
            self.note("milestone", message, phase=after.phase, **detail)
        return after.phase

    def abandon(self, message: str) -> None:
        """A verb that changed nothing, or took back what it did, leaves no trace of an interruption."""
        before = self.standing()
        with self.session.transaction():
            self._move(before, Standing(before.phase))
            self.note("refused", message)

    def discard(self) -> None:
        """A plan that nobody began. Its journal stays."""
        self.session.execute(
            f"DELETE FROM {SCHEMA}.run WHERE id = %s AND phase = 'planned' AND doing IS NULL", (self.run,)
        )

    def _move(self, before: Standing, after: Standing) -> None:
        moved = self.session.execute(
            f"""UPDATE {SCHEMA}.run SET phase = %s, doing = %s, undoing = %s, changed_at = %s
            WHERE id = %s AND phase = %s AND doing IS NOT DISTINCT FROM %s AND undoing = %s""",
            (
                after.phase,
                after.doing,
                after.undoing,
                self.clock.now(),
                self.run,
                before.phase,
                before.doing,
                before.undoing,
            ),
        )
        if moved.rowcount != 1:
            raise Held("Somebody else moved this run on in the same moment. Look at `status`.")

    # what happened

    def note(self, kind: str, message: str, *, phase: str = "", **detail: Any) -> None:
        self.session.execute(
            f"""INSERT INTO {SCHEMA}.journal (run, at, phase, kind, message, detail)
            VALUES (%s, %s, coalesce(nullif(%s, ''), (SELECT phase FROM {SCHEMA}.run WHERE id = %s)), %s, %s, %s)""",
            (self.run, self.clock.now(), phase, self.run, kind, message, msgspec.json.encode(detail).decode()),
        )

    def journal(self, last: int = 1_000_000) -> list[Line]:
        rows = self.session.rows(
            f"""SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), phase, kind, message, detail
            FROM {SCHEMA}.journal WHERE run = %s ORDER BY number DESC LIMIT %s""",
            (self.run, last),
        )
        return [Line(*row) for row in reversed(rows)]

    def remember(self, name: str, value: Any) -> None:
        self.session.execute(self.remembering(name, value))

    def remembering(self, name: str, value: Any) -> str:
        """For another session of the target: plain SQL, in the transaction of what it tells of."""
        return f"""INSERT INTO {SCHEMA}.fact (run, name, value)
            VALUES ({literal(str(self.run))}, {literal(name)}, {literal(msgspec.json.encode(value).decode())})
            ON CONFLICT (run, name) DO UPDATE SET value = excluded.value"""

    def recall(self, name: str) -> Any:
        return self.session.value(f"SELECT value FROM {SCHEMA}.fact WHERE run = %s AND name = %s", (self.run, name))

    def forget(self, name: str) -> None:
        self.session.execute(f"DELETE FROM {SCHEMA}.fact WHERE run = %s AND name = %s", (self.run, name))

    def compared(self, phase: str) -> dict[str, str]:
        """What a verification that was interrupted had found equal already."""
        return dict(
            self.session.rows(
                f"SELECT relation, verdict::text FROM {SCHEMA}.compared WHERE run = %s AND phase = %s",
                (self.run, phase),
            )
        )

    def keep_compared(self, phase: str, relation: str, verdict: Any) -> None:
        self.session.execute(
            f"INSERT INTO {SCHEMA}.compared (run, phase, relation, verdict) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (self.run, phase, relation, msgspec.json.encode(verdict).decode()),
        )

    def forget_compared(self) -> None:
        self.session.execute(f"DELETE FROM {SCHEMA}.compared WHERE run = %s", (self.run,))

    def judge(self, kind: str, equal: bool, rows: int, detail: Any) -> None:
        self.session.execute(
            f"INSERT INTO {SCHEMA}.verdict (run, at, kind, equal, rows, detail) VALUES (%s, %s, %s, %s, %s, %s)",
            (self.run, self.clock.now(), kind, equal, rows, msgspec.json.encode(detail).decode()),
        )

    def verdicts(self) -> list[tuple[Any, ...]]:
        return self.session.rows(
            f"SELECT at, kind, equal, rows, detail FROM {SCHEMA}.verdict WHERE run = %s ORDER BY number", (self.run,)
        )
