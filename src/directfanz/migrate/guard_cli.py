"""`directfanz migrate guard`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from directfanz.backends.clock.system import SystemClock

if TYPE_CHECKING:
    from directfanz.migrate.cli import Asked


@click.command("guard")
@click.option("--every", type=click.FloatRange(0.2), default=5.0, show_default=True, help="Seconds between two looks.")
@click.option("--times", type=click.IntRange(0), default=0, help="Look so often and end; 0: until Ctrl-C.")
@click.option("--mail-to", default="", help="Alerts go to this address.")
@click.option("--mail-from", default="", help="From this one.")
@click.option("--mail-server", envvar="DIRECTFANZ_SMTP_URL", default="", help="smtp://user:password@host:587")
@click.pass_obj
def keep_guard(asked: Asked, every: float, times: int, mail_to: str, mail_from: str, mail_server: str) -> None:
    """Watch between the verbs: slots, streams, doors; tell the console, and write when somebody is needed."""
    from directfanz.migrate.guarding import Guard, Letters

    letters = Letters(mail_server, mail_from or mail_to, mail_to) if mail_to else None
    with asked.console() as console:
        one = Guard(asked.side("source"), asked.side("target"), SystemClock(), asked.teller.say, console, letters)
        alerts, looked = one.look_once(), 1
        while not times or looked < times:
            time.sleep(every)
            alerts, looked = one.look_once(), looked + 1
    asked.teller.result({"alerts": alerts}, "\n".join(alerts) or "All is well.")
