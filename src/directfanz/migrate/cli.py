"""`directfanz migrate ...`: the verbs."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from directfanz.backends.clock.system import SystemClock
from directfanz.errors import DirectFanzError
from directfanz.migrate import extra_cli, guard_cli, planner, references_cli, telling_cli, verbs, view
from directfanz.migrate.errors import MigrationError, SideName, WrongUse
from directfanz.migrate.leading_cli import lead, leading
from directfanz.migrate.move_verb import MoveVerb
from directfanz.migrate.plan import MEGABYTE, Options, Plan
from directfanz.migrate.preflight import preflight, require_fine
from directfanz.migrate.progress import Sink, Tick
from directfanz.migrate.side import Side, has_password, read_address
from directfanz.migrate.verify import verify as verifying
from directfanz.migrate.work import Work, at_work

if TYPE_CHECKING:
    from directfanz.migrate.console import Console


@dataclass(slots=True)
class Asked:
    source: str | None
    target: str | None
    as_json: bool
    teller: view.Teller
    console_address: str = ""

    def speak_json(self) -> None:
        self.as_json, self.teller = True, view.Teller(as_json=True)

    def side(self, name: SideName) -> Side:
        text = self.source if name == "source" else self.target
        if not text:
            raise WrongUse(f"Say where the {name} is: --{name} or MIGRATE_{name.upper()}.")
        return Side(name, read_address(text))

    @contextmanager
    def work(self, verb: str) -> Iterator[Work]:
        with (
            self.console() as console,
            at_work(self.side("source"), self.side("target"), SystemClock(), verb, say=self.teller.say) as work,
        ):
            work.sink = self._told_to(console)
            try:
                yield work
            finally:
                if console:
                    with contextlib.suppress(MigrationError):
                        console.tell()

    def _told_to(self, console: Console | None) -> Sink:
        def told(tick: Tick) -> None:
            self.teller.tick(tick)
            if console:
                with contextlib.suppress(MigrationError):
                    console.tick(tick)

        return told

    @contextmanager
    def console(self) -> Iterator[Console | None]:
        if not self.console_address:
            yield None
            return
        from directfanz.migrate.console import Console

        address = extra_cli.cache_address(self.console_address)
        opened = Console(address, self.side("source") if self.source else None, self.side("target"), SystemClock())
        try:
            yield opened
        finally:
            opened.close()


class Verbs(click.Group):
    """An exit code says who is to blame, so a script knows whom to wake."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MigrationError as error:
            click.echo(f"Error: {error.message}", err=True)
            ctx.exit(error.exit_code)
        except DirectFanzError as error:
            click.echo(f"Error: {error.message}", err=True)
            ctx.exit(WrongUse.exit_code)


def migrate_group(_: Callable[[], Any]) -> click.Group:
    return group


@click.group("migrate", cls=Verbs)
@click.option("--source", envvar="MIGRATE_SOURCE", help="postgresql://user@host/database, or file:///path/with/it.")
@click.option("--target", envvar="MIGRATE_TARGET", help="The same; the state of the move is kept there.")
@click.option(
    "--console",
    envvar="MIGRATE_CONSOLE",
    default="",
    metavar="FILE",
    help="The platform's Valkey: its page Move is kept up to date.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line; the last one is the result.")
@click.pass_context
def group(context: click.Context, source: str | None, target: str | None, console: str, as_json: bool) -> None:
    """Move a live PostgreSQL database to another server with nothing lost, and back again."""
    for name, text in (("source", source), ("target", target)):
        typed = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if typed and text and has_password(text):
            raise WrongUse(
                f"A password on the command line can be read by everybody on this machine: put the address into a file and "
                f"say --{name} file:///path, or set MIGRATE_{name.upper()}."
            )
    context.obj = Asked(source, target, as_json, view.Teller(as_json=as_json), console)


def _hours(text: str) -> str:
    if text and not re.fullmatch(r"([01]?\d|2[0-3])-([01]?\d|2[0-4])", text):
        raise click.BadParameter("Two hours of the day, such as 22-6.")
    return text


@group.command(cls=MoveVerb)
@click.option("--jobs", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option(
    "--part-mb", type=click.IntRange(1, 10_000), default=64, show_default=True, help="Size of a part of a table."
)
@click.option("--no-follow", is_flag=True, help="Copy only; nobody writes to the source meanwhile.")
@click.option("--no-reverse", is_flag=True, help="No stream back, so no way back after the cutover.")
@click.option("--no-owners", is_flag=True, help="Owners and privileges stay behind.")
@click.option(
    "--make-roles", is_flag=True, help="Roles that are missing in the target are made, with their passwords' verifiers."
)
@click.option("--ddl", type=click.Choice(["block", "record"]), default="block", show_default=True)
@click.option("--max-mb-per-second", type=click.IntRange(0), default=0, help="0: as fast as it goes.")
@click.option(
    "--max-standby-lag-mb", type=click.IntRange(0), default=0, help="Pause while a standby is further behind."
)
@click.option(
    "--hours",
    default="",
    callback=lambda _, __, text: _hours(text),
    metavar="22-6",
    help="Copy only in these hours, UTC.",
)
@click.option("--busy-sessions", type=click.IntRange(0), default=0, help="Pause while more sessions are active.")
@click.option(
    "--slot-mb", type=click.IntRange(16), default=10_240, show_default=True, help="What the source may keep for us."
)
@click.option("--fence-ms", type=click.IntRange(100, 60_000), default=3000, show_default=True)
@click.option("--lag-ms", type=click.IntRange(10), default=250, show_default=True)
@click.option("--accept", multiple=True, metavar="CHECK", help="A warning of preflight that you have read.")
@click.option(
    "--engine", type=click.Choice(["own", "dms"]), default="own", show_default=True, help="Who carries the rows."
)
@click.option("--dms-task", default="", metavar="ARN", help="The replication task of DMS that does.")
@click.option("--source-as-seen-by-target", default="", metavar="HOST:PORT")
@click.option("--target-as-seen-by-source", default="", metavar="HOST:PORT")
@click.pass_obj
def plan(
    asked: Asked,
    /,
    dry_run: bool,
    resume: bool,
    restart: bool,
    part_mb: int,
    max_mb_per_second: int,
    slot_mb: int,
    accept: tuple[str, ...],
    **given: Any,
) -> None:
    """Look at both sides and write down what is to be moved. --resume keeps a plan that is there; --restart is what happens anyhow."""
    if resume and (there := planner.there(asked.side("target"), SystemClock())):
        return asked.teller.result(there, f"Planned already: {_what(there)}")
    options = Options(
        part_bytes=part_mb * MEGABYTE,
        bytes_per_second=max_mb_per_second * MEGABYTE,
        slot_bytes=slot_mb * MEGABYTE,
        lag_bytes=given.pop("max_standby_lag_mb") * MEGABYTE,
        accept=accept,
        follow=not given.pop("no_follow"),
        reverse=not given.pop("no_reverse"),
        owners=not given.pop("no_owners"),
        **given,
    )
    source, target = asked.side("source"), asked.side("target")
    made = (
        planner.look(source, target, options) if dry_run else planner.make_plan(source, target, SystemClock(), options)
    )
    return asked.teller.result(made, f"{'Would move' if dry_run else 'Planned'}: {_what(made)}")


def _what(made: Plan) -> str:
    return (
        f"{len(made.tables)} tables, about {made.rows:,} rows, {view.amount(made.bytes)}; sequences: {made.sequences}. "
        "Next: `preflight`, then `schema`."
    )


@group.command(
    "preflight", cls=MoveVerb, only_looks=True, would="ask both sides everything that is known to go wrong later"
)
@click.pass_obj
def check(asked: Asked) -> None:
    """Ask everything that is known to go wrong later. Changes nothing."""
    with asked.work("preflight") as work:
        checks = preflight(work.source, work.target, work.plan, work.clock)
    asked.teller.result(checks, view.checked(checks))
    require_fine(checks)


@group.command(cls=MoveVerb, would="dump the source's schema and make it in the target, in one transaction")
@click.pass_obj
def schema(asked: Asked, resume: bool, restart: bool) -> None:
    """Make in the target everything that is no row."""
    with asked.work("schema") as work:
        verbs.schema(work, resume=resume, restart=restart)
        return _done(asked, work)


@group.command(cls=MoveVerb, would="guard the schema, make a slot, and copy all tables under its snapshot")
@click.pass_obj
def copy(asked: Asked, resume: bool, restart: bool) -> None:
    """Copy every row as it is at one moment, then build the indexes."""
    with asked.work("copy") as work:
        verbs.copy(work, resume=resume, restart=restart)
        return _done(asked, work)


@group.command(cls=MoveVerb, would="subscribe the target to the source and the source to the target")
@click.pass_obj
def follow(asked: Asked, resume: bool, restart: bool) -> None:
    """Have all changes since the copy arrive, and go on arriving; and open the way back."""
    with asked.work("follow") as work:
        verbs.follow(work, resume=resume, restart=restart)
        return _done(asked, work)


def _done(asked: Asked, work: Work) -> None:
    now = work.store.standing()
    asked.teller.result(now, work.store.journal(1)[0].message)


@group.command(cls=MoveVerb, would="hash every row of both sides as they were at one moment, and compare the sums")
@click.option("--table", "only", multiple=True, help="Only this one; may be given more than once.")
@click.option("--repair", is_flag=True, help="Make the target's rows what the source's are, where they differ.")
@click.option("--sha256", is_flag=True, help="A hash that nobody can aim at; three times the time.")
@click.pass_obj
def verify(asked: Asked, only: tuple[str, ...], repair: bool, sha256: bool, resume: bool, restart: bool) -> None:
    """Compare everything, exactly, while writes go on. --resume: not again what an interrupted verification found equal."""
    with asked.work("verify") as work:
        verdict = verifying.verify(work, only=only, strong=sha256, resume=resume)
        if repair and not verdict.equal:
            asked.teller.say("\n".join(verdict.sentences()))
            verifying.repair(work, verdict)
            verdict = verifying.verify(work, only=only, strong=sha256)
    equal = f"Equal: {len(verdict.tables)} tables, {verdict.rows:,} rows; writers waited {verdict.pause_ms:.0f} ms."
    asked.teller.result(verdict, equal if verdict.equal else "\n".join(verdict.sentences()))
    return verifying.require_equal(verdict)


@group.command(
    cls=MoveVerb, would="fence the writers for a moment, let them go again, and measure how long they waited"
)
@click.option("--times", type=click.IntRange(1, 100), default=3, show_default=True)
@click.option("--there-and-back", is_flag=True, help="The whole cutover and its rollback, not only the fence.")
@leading
@click.pass_obj
def drill(asked: Asked, /, times: int, there_and_back: bool, resume: bool, restart: bool, **switch: str) -> None:
    """Rehearse the cutover and measure how long writers wait."""
    with asked.work("drill") as work:
        pauses = verbs.drill(
            work, lead(work, switch), times=times, there_and_back=there_and_back, resume=resume, restart=restart
        )
    asked.teller.result({"pauses_ms": pauses}, "Writers waited " + ", ".join(f"{pause:.0f} ms" for pause in pauses))


@group.command(
    cls=MoveVerb, would="fence the source, wait for the last change, carry sequences over, and open the target"
)
@leading
@click.pass_obj
def cutover(asked: Asked, /, resume: bool, restart: bool, **switch: str) -> None:
    """Move the writes to the target, or leave everything as it is."""
    with asked.work("cutover") as work:
        verbs.cutover(work, lead(work, switch), resume=resume, restart=restart)
        return _done(asked, work)


@group.command(
    cls=MoveVerb,
    would=lambda given: (
        f"go back to {given['to']}, phase by phase" if given["to"] else "undo the last phase, or what was interrupted"
    ),
    no_restart="A phase that is half undone has one way only: `rollback --resume`.",
)
@click.option("--to", type=click.Choice(["planned", "schema", "following"]), help="Go back so far; default: one phase.")
@leading
@click.pass_obj
def rollback(asked: Asked, /, to: Any, resume: bool, **switch: str) -> None:
    """Undo the last phase, or what was interrupted, itself included. After a cutover the writes go back, all of them."""
    with asked.work("rollback") as work:
        verbs.rollback(work, lead(work, switch), to=to)
        return _done(asked, work)


@group.command(
    cls=MoveVerb,
    would="end the streams in both directions and leave the source closed to writers",
    no_restart="What was given up cannot be had again: `finish --resume`.",
)
@click.option("--no-way-back", is_flag=True, help="Yes: the source is given up for good.")
@click.pass_obj
def finish(asked: Asked, resume: bool, no_way_back: bool) -> None:
    """End the streams. There is no way back afterwards."""
    if not no_way_back:
        raise WrongUse("After `finish` nothing goes back to the source. If that is meant: finish --no-way-back.")
    with asked.work("finish") as work:
        verbs.finish(work, resume=resume)
        return _done(asked, work)


@group.command(cls=MoveVerb, would="walk from where the move stands through schema, copy, follow and verify")
@click.option(
    "--to", type=click.Choice(["copied", "following"]), default="following", show_default=True, help="Stop here."
)
@click.pass_obj
def run(asked: Asked, to: Any, resume: bool, restart: bool) -> None:
    """From the plan to a verified stream, stopping at the first gate that is shut; goes on where it was. The cutover is yours to begin."""
    with asked.work("run") as work:
        verbs.run_to_stream(work, to, restart=restart)
        if to == "copied":
            return _done(asked, work)
        verdict = verifying.verify(work)
    verifying.require_equal(verdict)
    return asked.teller.result(verdict, "Everything follows, and both sides are equal. Next: `drill`, then `cutover`.")


for one in (telling_cli.show, telling_cli.report, telling_cli.print_runbook, guard_cli.keep_guard):
    group.add_command(one)
extra_cli.objects.add_command(references_cli.references)
group.add_command(extra_cli.objects)
group.add_command(extra_cli.cache)
