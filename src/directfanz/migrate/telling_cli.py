"""The verbs that only tell: `status`, `report`, `runbook`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from directfanz.backends.clock.system import SystemClock
from directfanz.migrate import runbook, status, view
from directfanz.migrate.move_verb import MoveVerb

if TYPE_CHECKING:
    from directfanz.migrate.cli import Asked

WATCH_SECONDS = 1.0


@click.command("status", cls=MoveVerb, only_looks=True, would="say where the move stands")
@click.option("--watch", is_flag=True, help="Stay, until Ctrl-C.")
@click.pass_obj
def show(asked: Asked, watch: bool) -> None:
    """Where the move stands."""
    source = asked.side("source") if asked.source else None
    target, clock = asked.side("target"), SystemClock()
    if watch and sys.stdout.isatty() and not asked.as_json:
        view.keep_showing(lambda: status.look(source, target, clock), time.sleep, WATCH_SECONDS)
    now = status.look(source, target, clock)
    asked.teller.result(now, view.plain(now))


@click.command(cls=MoveVerb, only_looks=True, would="tell everything that was decided, measured and compared")
@click.option("--key-file", default="", metavar="PATH", help="Sign with this Ed25519 key; made when it is not there.")
@click.pass_obj
def report(asked: Asked, key_file: str) -> None:
    """Everything that was decided, measured and compared, as JSON that can be signed."""
    from directfanz.migrate import reporting

    with asked.side("target").session("report") as session:
        made = reporting.report(session, SystemClock())
    signed = reporting.signed(made, Path(key_file) if key_file else None)
    asked.teller.result(signed, reporting.text(signed))


@click.command(
    "runbook", cls=MoveVerb, only_looks=True, would="write this plan's commands with their gates, times and ways back"
)
@click.pass_obj
def print_runbook(asked: Asked) -> None:
    """Each command of this plan, with its gate, the time it will take, and the way back."""
    with asked.side("target").session("runbook") as session:
        text = runbook.write(session, SystemClock())
    asked.teller.result({"runbook": text}, text)
