"""The one command. Each subcommand imports what it needs when it runs: `directfanz status` must not load a web framework."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from directfanz import __version__
from directfanz.errors import DirectFanzError

if TYPE_CHECKING:
    from directfanz.local.checkout import Checkout
    from directfanz.settings import Settings

T = TypeVar("T")
PROCESSES = ("web", "realtime", "streaming", "worker")


# Groups of commands that a domain brings along; imported when one of them is asked for.
BROUGHT = {
    "accounts": "directfanz.domains.accounts.cli",
    "migrate": "directfanz.migrate.cli",
    "upload": "directfanz.uploader.cli",
    "telemetry": "directfanz.operate.telemetry_cli",
}


class Group(click.Group):
    """Our errors are sentences for the person at the terminal, not tracebacks."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *BROUGHT, "aws"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "aws":
            from directfanz.operate.aws.cli import aws_group

            return aws_group(lambda: _checkout().platform_file, os.environ)
        if cmd_name in BROUGHT:
            module = importlib.import_module(BROUGHT[cmd_name])
            group: click.Command = getattr(module, f"{cmd_name}_group")(_settings)
            return group
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DirectFanzError as error:
            raise click.ClickException(error.message) from None


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="directfanz")
def main() -> None:
    """The creator platform, on one machine or as one process of many."""


def _checkout() -> Checkout:
    from directfanz.local.checkout import find_checkout

    return find_checkout(os.environ, Path.cwd())


def _environment() -> Mapping[str, str]:
    """Ours; on a machine where `up` has run and nobody says otherwise, with the settings it made."""
    if any(name in os.environ for name in ("DIRECTFANZ_PROFILE", "DIRECTFANZ_DATABASE_URL")):
        return os.environ
    from directfanz.local.environment import read_environment

    try:
        made = read_environment(_checkout().state)
    except DirectFanzError:
        return os.environ
    return {**made, **os.environ}


def _settings() -> Settings:
    from directfanz.settings import load

    return load(_environment())


def _run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        return asyncio.run(work())
    except KeyboardInterrupt:
        sys.exit(130)


@main.command()
@click.argument("process", type=click.Choice(PROCESSES))
def run(process: str) -> None:
    """Run one process in the foreground until it is told to stop."""
    settings = _settings()  # first: a missing one is said at once
    importlib.import_module(f"directfanz.processes.{process}.main").main(settings)


@main.command()
def up() -> None:
    """Start the platform on this machine, in the background, and wait until it is ready."""
    from directfanz.local.commands import start

    _run(lambda: start(_checkout(), os.environ))


@main.command()
def down() -> None:
    """Stop everything that `up` started. Data stays."""
    from directfanz.local.commands import stop

    _run(lambda: stop(_checkout()))


@main.command()
@click.argument("process", nargs=-1)
def restart(process: tuple[str, ...]) -> None:
    """Start processes again, all or the named ones: for new code. Engines and data are left alone."""
    from directfanz.local.commands import restart as start_again

    _run(lambda: start_again(_checkout(), process))


@main.command()
@click.option(
    "--build", type=click.Path(path_type=Path), help="A folder as `make image` leaves it; this checkout unless said."
)
@click.option(
    "--watch",
    type=click.FloatRange(1, 120),
    default=10,
    show_default=True,
    help="Seconds in which an alarm takes it back.",
)
def deploy(build: Path | None, watch: float) -> None:
    """Move this machine to a new version beside the old one, without dropping a request. Ends with 1 when it was taken back."""
    from directfanz.local.deployment.command import deploy as move

    if not _run(lambda: move(_checkout(), build, watch)):
        sys.exit(1)


@main.command()
def reset() -> None:
    """Stop everything and remove its data, logs, secrets and ports."""
    from directfanz.local.commands import remove

    _run(lambda: remove(_checkout()))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for scripts.")
@click.option("--once", is_flag=True, help="Print and end; this is what happens when the output is no terminal.")
def status(as_json: bool, once: bool) -> None:
    """Show how each part is doing; a table that stays up to date until Ctrl-C. Ends with 1 when not all is ready."""
    from directfanz.local.commands import show_status

    if not _run(lambda: show_status(_checkout(), as_json=as_json, once=once)):
        sys.exit(1)


@main.command()
@click.argument("part", default="all")
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C.")
@click.option("-n", "--lines", default=50, show_default=True, help="How many of the last lines.")
def logs(part: str, follow: bool, lines: int) -> None:
    """Print the last lines of one part, or of all together."""
    from directfanz.local.commands import show_logs

    _run(lambda: show_logs(_checkout(), part, lines, follow=follow))


@main.command()
def doctor() -> None:
    """Check what the platform needs on this machine, and say what to do about what is missing."""
    from directfanz.local.doctor import diagnose

    if not diagnose(_checkout()):
        sys.exit(1)


@main.command(hidden=True)
def supervise() -> None:
    """The supervisor itself, in the foreground. `up` starts it."""
    from directfanz.backends.clock.system import SystemClock
    from directfanz.local.supervise import supervise as run_supervisor

    _run(lambda: run_supervisor(_checkout(), os.environ, SystemClock()))


@main.command()
@click.option("--phase", type=click.Choice(["expand", "contract", "all"]), default="all", show_default=True)
def upgrade(phase: str) -> None:
    """Bring the database's schema up to date, as the owner role. Expand before a deploy, contract after it."""
    from directfanz.backends.database.migrations import migrate as apply

    owner_url = _owner_url()
    applied = _run(lambda: apply(owner_url, phase=phase))  # type: ignore[arg-type] # click checked the choice
    click.echo("\n".join(applied) if applied else "The schema is up to date.")


@main.command()
def roles() -> None:
    """Make the database's roles and extensions, or set their passwords anew, as the master of a managed database."""
    from directfanz.backends.database.founding import found
    from directfanz.errors import ConfigurationError
    from directfanz.platform_toml import load_platform

    told = _settings()
    if not told.database_master_url:
        raise ConfigurationError("DIRECTFANZ_DATABASE_MASTER_URL is not set: only the master may make roles.")
    extensions = load_platform(Path(told.platform_file)).database.extensions
    for step in found(str(told.database_master_url), _owner_url(), str(told.database_url), extensions):
        click.echo(step)


@main.command()
@click.option("--publish", is_flag=True, help="Put them into the bucket; without it they are counted.")
def assets(publish: bool) -> None:
    """The built front end: what the edge serves from the bucket `static`."""
    from directfanz.backends.assembly import opened
    from directfanz.http.assets import built_beside
    from directfanz.operate.assets import publish_assets

    told = _settings()
    dist = built_beside(told.platform_file)

    async def put() -> int:
        async with opened(told, service="worker") as backends:
            return await publish_assets(backends.storage, dist)

    if publish:
        click.echo(f"{_run(put)} files are in the bucket.")
        return
    files = [path for path in dist.rglob("*") if path.is_file()]
    click.echo(f"{len(files)} files in {dist}.")


@main.command()
@click.option("--write", is_flag=True, help="Write database/schema.sql.")
def schema(write: bool) -> None:
    """Print the database's schema, after bringing it up to date."""
    from directfanz.backends.database.migrations import migrate as apply
    from directfanz.backends.database.schema_dump import FILE, dump
    from directfanz.local.engines.programs import postgres_tree

    owner_url = _owner_url()
    _run(lambda: apply(owner_url))
    text = _run(lambda: dump(postgres_tree() / "bin" / "pg_dump", owner_url))
    if not write:
        click.echo(text, nl=False)
        return
    FILE.write_text(text)
    click.echo(f"{FILE} is written.")


def _owner_url() -> str:
    from directfanz.errors import ConfigurationError

    owner_url = _settings().database_owner_url
    if not owner_url:
        raise ConfigurationError("DIRECTFANZ_DATABASE_OWNER_URL is not set: only the owner may change the schema.")
    return str(owner_url)


@main.command()
@click.option("--write", is_flag=True, help="Write docs/reference/settings.md.")
def settings(write: bool) -> None:
    """Print the reference of all settings."""
    from directfanz.settings import reference

    if not write:
        click.echo(reference(), nl=False)
        return
    _write_reference("settings.md", reference())


@main.command()
@click.option("--write", is_flag=True, help="Write docs/reference/platform.md.")
def platform(write: bool) -> None:
    """Print the reference of platform.toml."""
    from directfanz.platform_toml.reference import reference

    if not write:
        click.echo(reference(), nl=False)
        return
    _write_reference("platform.md", reference())


def _write_reference(name: str, text: str) -> None:
    page = _checkout().platform_file.parent / "docs" / "reference" / name
    page.write_text(text)
    click.echo(f"{page} is written.")


@main.command()
@click.option("--write", is_flag=True, help="Write docs/reference/openapi.json.")
def openapi(write: bool) -> None:
    """Print the description of the HTTP API."""
    from directfanz.processes.web.openapi import text

    if not write:
        click.echo(text(), nl=False)
        return
    page = _checkout().platform_file.parent / "docs" / "reference" / "openapi.json"
    page.write_text(text())
    click.echo(f"{page} is written.")
