"""`runbook`: this plan's commands in order, for whoever is awake at three in the morning."""

from __future__ import annotations

from directfanz.backends.clock.contract import Clock
from directfanz.migrate.plan import Plan
from directfanz.migrate.side import Session
from directfanz.migrate.state.store import Store
from directfanz.migrate.view import amount

# What two shared cores did; the copy's own progress tells the truth for the machines at hand.
COPY_BYTES_PER_SECOND = 40_000_000
VERIFY_ROWS_PER_SECOND = 1_000_000


def write(session: Session, clock: Clock) -> str:
    store = Store.open(session, clock)
    plan, drill = store.plan, store.recall("drill")
    largest = sorted(plan.tables, key=lambda one: -one.bytes)[:8]
    pause = f"{max(drill['pauses_ms']):.0f} ms in the last drill" if drill else "not measured yet: run `drill`"
    steps = "\n".join(_step(number, *step) for number, step in enumerate(_steps(plan, pause), 1))
    return f"""# Moving {plan.source} to {plan.target}

Plan {plan.hash[:12]}: {len(plan.tables)} tables, about {plan.rows:,} rows, {amount(plan.bytes)}; sequences: {plan.sequences}.
Now: {store.standing().phase}. Planned with: `directfanz migrate plan{_said(plan)}`.
Set MIGRATE_SOURCE and MIGRATE_TARGET to file:///.. with the addresses. Look at any time: `directfanz migrate status --watch`.
Keep `directfanz migrate guard --mail-to ..` at work beside it. Any verb that was interrupted goes on with `--resume`.
An exit code says who is to blame: 2 the command, 3 interrupted, 4 the source, 5 the target, 6 another operator, 7 a gate, 8 a difference.

{steps}

Largest tables: {", ".join(f"{table.quoted} ({amount(table.bytes)})" for table in largest)}.
Without a key: {", ".join(table.quoted for table in plan.tables if not table.has_key) or "none"}.
"""


def _said(plan: Plan) -> str:
    options = plan.options
    words = [f"--accept {name}" for name in options.accept]
    words += [word for word, given in (("--no-follow", not options.follow), ("--no-reverse", not options.reverse),
                                       ("--no-owners", not options.owners), ("--make-roles", options.make_roles)) if given]  # fmt: skip
    return "".join(f" {word}" for word in words)


def _steps(plan: Plan, pause: str) -> list[tuple[str, str, str, str]]:
    """(command, gate, time, way back)"""
    copying = _time(plan.bytes / COPY_BYTES_PER_SECOND)
    verifying = _time(plan.rows / VERIFY_ROWS_PER_SECOND)
    return [
        ("preflight", "no check failed, warnings accepted", "seconds", "nothing to undo"),
        ("schema", "preflight", "seconds", "rollback"),
        ("copy", "slot, snapshot, all parts in the ledger, no invalid index", f"about {copying}", "rollback; interrupted: copy --resume"),
        ("follow", "a write arrives both ways", "until the lag is gone", "rollback"),
        ("verify", "catalogue, counts and every row equal", f"about {verifying}", "nothing to undo; verify --repair"),
        ("drill --times 3", f"fence within {plan.options.fence_ms} ms", "seconds", "lets go by itself"),
        ("cutover --switch ...", f"verified within {plan.options.verified_hours} h, lag under {plan.options.lag_ms} ms, schema unchanged",
         f"writers wait {pause}", "rollback --switch ..., with every write"),
        ("verify", "every row equal, with the writes on the target", f"about {verifying}", "rollback --switch ..."),
        ("finish --no-way-back", "verified since the cutover", "seconds", "none: this is the one door that does not open again"),
    ]  # fmt: skip


def _step(number: int, command: str, gate: str, time: str, back: str) -> str:
    return f"{number}. `directfanz migrate {command}`\n   gate: {gate}\n   time: {time}\n   way back: {back}"


def _time(seconds: float) -> str:
    return "a second" if seconds < 1 else f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
