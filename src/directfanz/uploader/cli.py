"""`directfanz upload FILE ...`"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from directfanz.errors import DirectFanzError
from directfanz.uploader.api import Api, Patience
from directfanz.uploader.parts import LocalFile
from directfanz.uploader.sending import Sending

BUSY = {"uploading", "scanning", "processing"}
LOOK_SECONDS = 2.0


def upload_group(settings: object) -> click.Command:
    """Mounted by the one command. It needs no settings of the platform: it may run anywhere."""
    return upload


@click.command("upload")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--page", required=True, help="The address of your page: ada of /c/ada.")
@click.option("--site", envvar="DIRECTFANZ_UPLOAD_SITE", required=True, help="Such as https://directfanz.io.")
@click.option("--token", envvar="DIRECTFANZ_UPLOAD_TOKEN", help="An access token with the scope posts:write.")
@click.option("--token-file", type=click.File(), help="Where the token stands, so that no list of processes shows it.")
@click.option("--parallel", default=4, show_default=True, type=click.IntRange(1, 32), help="Parts at once.")
@click.option("--give-up-after", default=3600.0, show_default=True, help="Seconds without a connection.")
@click.option("--wait", is_flag=True, help="Until each file is ready, or failed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for scripts.")
def upload(
    files: tuple[Path, ...], page: str, site: str, token: str | None, token_file: Any, parallel: int,
    give_up_after: float, wait: bool, as_json: bool,
) -> None:  # fmt: skip
    """Upload files to the library of your page. Stopped, killed or cut off, the same command goes on where it was."""
    secret = (token_file.read() if token_file else token or "").strip()
    if not secret:
        raise click.UsageError("Give a token: --token-file, or DIRECTFANZ_UPLOAD_TOKEN.")
    stop = threading.Event()
    api = Api(site, secret, Patience(give_up_after, stop), parallel)
    try:
        told = _send_all(api, files, page, parallel, wait)
    except KeyboardInterrupt:
        stop.set()
        click.echo("Stopped. Run the same command again to go on.", err=True)
        sys.exit(130)
    finally:
        api.close()
    _say(told, as_json)
    if any("problem" in each for each in told):
        sys.exit(1)


def _send_all(api: Api, files: tuple[Path, ...], page: str, parallel: int, wait: bool) -> list[dict[str, Any]]:
    told = []
    with _progress() as progress:
        for path in files:
            file = LocalFile.at(path)
            task = progress.add_task(path.name, total=file.size)
            try:
                sent = Sending(api, page, file, parallel, lambda count, task=task: progress.advance(task, count)).run()  # type: ignore[misc]
                told.append(_until_ready(api, sent, time.sleep) if wait else sent)
            except (DirectFanzError, OSError) as error:
                told.append({"name": path.name, "problem": str(error)})
    return told


def _until_ready(api: Api, sent: dict[str, Any], sleep: Callable[[float], None]) -> dict[str, Any]:
    while sent["state"] in BUSY:
        sleep(LOOK_SECONDS)
        sent = api.call("GET", f"/files/{sent['id']}")
    if sent["state"] == "failed":
        return sent | {"problem": sent["reason"]}
    return sent


def _progress() -> Progress:
    """On standard error, and only where somebody looks."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    )  # fmt: skip
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _say(told: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=1))
        return
    for each in told:
        words = each.get("problem") or {"ready": "ready"}.get(each["state"], "sent; it is looked through now")
        click.echo(f"{each['name']}: {words}", err="problem" in each)
