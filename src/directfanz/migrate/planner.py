"""`plan`: looks at both sides, changes nothing in the source, and writes down in the target what is to be moved."""

from __future__ import annotations

from directfanz.backends.clock.contract import Clock
from directfanz.migrate.catalogue.tables import read_tables
from directfanz.migrate.errors import WrongUse
from directfanz.migrate.follow import sequences
from directfanz.migrate.plan import Options, Plan, TablePlan
from directfanz.migrate.side import Session, Side
from directfanz.migrate.state.lease import lease
from directfanz.migrate.state.store import Store
from directfanz.migrate.work import system_of


def look(source: Side, target: Side, options: Options) -> Plan:
    with source.session("plan") as here, target.session("plan") as there:
        tables = read_tables(here)
        plan = Plan(
            source=str(source),
            target=str(target),
            source_system=system_of(here.value),
            target_system=system_of(there.value),
            source_version=_version(here),
            target_version=_version(there),
            tables=tuple(
                TablePlan(one.schema, one.name, one.oid, one.bytes, one.rows, bool(one.key), one.logged)
                for one in tables
            ),
            sequences=len(sequences.names(here)),
            large_objects=here.value("SELECT count(*) FROM pg_largeobject_metadata"),
            options=options,
        )
    if plan.source_system == plan.target_system:
        raise WrongUse("Source and target are the same database.")
    return plan


def there(target: Side, clock: Clock) -> Plan | None:
    """The plan of a move that is open."""
    with target.session("plan") as session:
        store = Store.find(session, clock)
        return store.plan if store and store.standing().phase != "finished" else None


def make_plan(source: Side, target: Side, clock: Clock, options: Options) -> Plan:
    """One open run at a time; a plan that nobody began may be made anew."""
    if options.engine == "dms":
        from directfanz.migrate.dms.engine import require_options

        require_options(engine=options.engine, task=options.dms_task, reverse=options.reverse, follow=options.follow)
    plan = look(source, target, options)
    with lease(target, clock, "plan"), target.session("plan") as session:
        there = Store.find(session, clock)
        if there is not None and there.standing().phase != "finished":
            now = there.standing()
            if now.phase != "planned" or now.doing:
                raise WrongUse(
                    f"A move is under way here, in the phase {now.phase}. Finish it, or `rollback --to planned` first."
                )
            there.discard()
        Store.create(session, clock, plan)
    return plan


def _version(session: Session) -> int:
    return int(session.value("SHOW server_version_num"))
