"""`python -m directfanz.local.mailcatcher --state DIR --smtp-port N --http-port M`"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click

from directfanz.backends.clock.system import SystemClock
from directfanz.local.mailcatcher.catching import Catcher, listen
from directfanz.local.mailcatcher.mailbox import Mailbox
from directfanz.local.mailcatcher.site import create_site
from directfanz.local.small_web.serving import serve


@click.command()
@click.option("--state", type=click.Path(path_type=Path), required=True, help="Folder in which mails are kept.")
@click.option("--smtp-port", type=click.IntRange(1, 65535), required=True)
@click.option("--http-port", type=click.IntRange(1, 65535), required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def main(state: Path, smtp_port: int, http_port: int, host: str) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    asyncio.run(run(state, smtp_port, http_port, host))


async def run(state: Path, smtp_port: int, http_port: int, host: str) -> None:
    mailbox = Mailbox(state)
    mailbox.open()
    smtp = await listen(Catcher(mailbox, SystemClock()), host, smtp_port)
    try:
        await serve(create_site(mailbox), host, http_port)
    finally:
        smtp.close()
        await smtp.wait_closed()
