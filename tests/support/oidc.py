"""The OpenID Connect simulator on a free port, and a browser without a screen that signs in there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import uvicorn

from directfanz.backends.clock.contract import Clock
from directfanz.local.simulators.oidc.keys import Algorithm, KeyRing
from directfanz.local.simulators.oidc.main import client_in
from directfanz.local.simulators.oidc.provider import Provider
from directfanz.local.simulators.oidc.site import create_site


@dataclass(frozen=True)
class RunningOidc:
    provider: Provider

    @property
    def issuer(self) -> str:
        return self.provider.issuer

    @property
    def client_id(self) -> str:
        return self.provider.client.id

    @property
    def client_secret(self) -> str:
        return self.provider.client.secret

    async def sign_in(self, authorization_url: str, email: str = "", *, person: str = "", trick: str = "") -> str:
        """What a person does there: opens the address, chooses who to be. Returns where the browser goes next."""
        question = dict(parse_qsl(urlsplit(authorization_url).query, keep_blank_values=True))
        async with httpx.AsyncClient(trust_env=False) as browser:
            page = await browser.get(authorization_url)
            if page.status_code == 200:
                answers = question | {"email": email, "person": person, "trick": trick}
                page = await browser.post(f"{self.issuer}/authorize", data=answers)
        assert page.status_code == 303, page.text
        return page.headers["Location"]


@asynccontextmanager
async def running_oidc(folder: Path, clock: Clock, algorithm: Algorithm = "RS256") -> AsyncIterator[RunningOidc]:
    keys = KeyRing(folder / "keys.json")
    keys.open()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
        provider = Provider(issuer, client_in(folder), keys, clock, algorithm)
        config = uvicorn.Config(create_site(provider), lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        # Not `serve`, which takes the process's signals.
        serving = asyncio.create_task(server._serve([listening]))
        try:
            async with httpx.AsyncClient(trust_env=False) as client:  # waits in the socket's queue until it serves
                (await client.get(f"{issuer}/health")).raise_for_status()
            yield RunningOidc(provider)
        finally:
            server.should_exit = True
            await serving
