"""`python -m directfanz.local.simulators.oidc --port N --state DIR`

Who does not bring a client finds one made in DIR/client.json.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click
import msgspec

from directfanz.backends.clock.system import SystemClock
from directfanz.kit.ids import new_token
from directfanz.local.files import write_private
from directfanz.local.simulators.oidc.keys import ALGORITHMS, Algorithm, KeyRing
from directfanz.local.simulators.oidc.provider import Client, Provider
from directfanz.local.simulators.oidc.site import create_site
from directfanz.local.small_web.serving import serve


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--state", type=click.Path(path_type=Path), required=True, help="Folder of the keys and the client.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--issuer", help="Its public address. Default: http://127.0.0.1:PORT")
@click.option("--redirect", multiple=True, help="An address to return to that is not on this machine.")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), default="RS256", show_default=True)
def main(
    port: int, state: Path, host: str, issuer: str | None, redirect: tuple[str, ...], algorithm: Algorithm
) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    provider = open_provider(state, issuer or f"http://127.0.0.1:{port}", redirect, algorithm)
    asyncio.run(serve(create_site(provider), host, port))


def open_provider(
    state: Path, issuer: str, redirects: tuple[str, ...] = (), algorithm: Algorithm = "RS256"
) -> Provider:
    keys = KeyRing(state / "keys.json")
    keys.open()
    return Provider(issuer.rstrip("/"), client_in(state, redirects), keys, SystemClock(), algorithm)


def client_in(state: Path, redirects: tuple[str, ...] = ()) -> Client:
    """The same for whoever asks: the provider itself, and who writes the settings of its site."""
    file = state / "client.json"
    if not file.exists():
        state.mkdir(parents=True, exist_ok=True)
        write_private(file, msgspec.json.encode({"id": "directfanz", "secret": new_token()}).decode())
    client = msgspec.json.decode(file.read_bytes(), type=Client)
    return msgspec.structs.replace(client, redirects=redirects)
