"""`python -m directfanz.local.simulators.stripe --port N --state DIR --secret-key-file FILE`

With `--webhook URL --webhook-secret-file FILE` it tells that address everything that happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path

import click

from directfanz.backends.clock.contract import Clock
from directfanz.backends.clock.shifted import ShiftedClock
from directfanz.backends.clock.system import SystemClock
from directfanz.local.simulators.stripe.calendar import live
from directfanz.local.simulators.stripe.engine import Options
from directfanz.local.simulators.stripe.simulator import Hook, Simulator
from directfanz.local.simulators.stripe.site import create_site
from directfanz.local.simulators.stripe.webhooks.sending import FIRST_PAUSE_SECONDS, Sender
from directfanz.local.small_web.serving import serve

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--state", type=click.Path(path_type=Path), required=True, help="Folder of what it remembers.")
@click.option("--secret-key-file", type=FILE, required=True, help="The key that callers have to bring.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--public-url", help="Where browsers reach its pages. Default: http://127.0.0.1:PORT")
@click.option("--webhook", "webhooks", multiple=True, help="An address to tell what happens.")
@click.option("--webhook-secret-file", type=FILE, help="What its deliveries are signed with.")
@click.option(
    "--smart-retries", default="", help="Days on which it tries failed payments again, as 1,3,5. Default: never."
)
@click.option("--draft-hours", default=1, show_default=True, help="How long a renewal's invoice stays a draft.")
@click.option(
    "--clock-shift-file", type=click.Path(path_type=Path), help="As the platform's: its calendar is ahead too."
)
@click.option("--first-pause", default=FIRST_PAUSE_SECONDS, show_default=True, help="Before a delivery's second try.")
def main(
    port: int,
    state: Path,
    secret_key_file: Path,
    host: str,
    public_url: str | None,
    webhooks: tuple[str, ...],
    webhook_secret_file: Path | None,
    smart_retries: str,
    draft_hours: int,
    clock_shift_file: Path | None,
    first_pause: float,
) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.ERROR)
    if webhooks and webhook_secret_file is None:
        raise click.UsageError("--webhook needs --webhook-secret-file: deliveries are signed.")
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = Options(
        public_url=(public_url or f"http://127.0.0.1:{port}").rstrip("/"),
        smart_retry_days=tuple(int(day) for day in smart_retries.split(",") if day),
        draft_hours=draft_hours,
    )
    key = secret_key_file.read_text().strip()
    clock = ShiftedClock(clock_shift_file) if clock_shift_file else SystemClock()
    simulator = Simulator(clock, key, file=state / "stripe.sqlite3", options=options)
    secret = webhook_secret_file.read_text().strip() if webhook_secret_file else ""
    try:
        asyncio.run(run(simulator, clock, [Hook(url, secret) for url in webhooks], host, port, first_pause))
    finally:
        simulator.close()


async def run(
    simulator: Simulator, clock: Clock, hooks: Sequence[Hook], host: str, port: int, first_pause: float
) -> None:
    """The site, what sends webhooks, and what looks at the calendar, until the site is asked to stop."""
    simulator.listen(hooks)
    sender = Sender(simulator.outbox, clock, simulator.disorder, first_pause=first_pause)
    simulator.engine.committed.append(sender.wake)
    beside = [asyncio.create_task(sender.run()), asyncio.create_task(live(simulator, clock))]
    try:
        await serve(create_site(simulator, sender), host, port)
    finally:
        for task in beside:
            task.cancel()
        for task in beside:
            with contextlib.suppress(asyncio.CancelledError):
                await task
