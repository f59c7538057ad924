"""A provider over HTTP: its documents, kept for a while, and the exchange of a code for a token."""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import msgspec
from joserfc.jwk import KeySet

from directfanz.backends import Backends
from directfanz.domains.accounts.errors import ProviderRefused, ProviderUnavailable
from directfanz.domains.accounts.service.oidc.protocol import (
    LONGEST_ID_TOKEN,
    Discovery,
    Provider,
    key_id,
    read_keys,
)
from directfanz.errors import ConfigurationError

TIMEOUT = httpx.Timeout(5, connect=3)
MAX_BYTES = 512 * 1024
DOCUMENTS_SECONDS = 3600
# A token signed by a key we do not know asks for the keys anew, but a stranger's tokens must not make us ask all day.
KEYS_AGAIN_SECONDS = 60
# After a failure nobody waits for this provider for so long.
REST_SECONDS = 10


class ProviderClient:
    """One per provider and process."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._discovery: Discovery | None = None
        self._keys: KeySet | None = None
        self._discovered_at = self._keys_at = float("-inf")
        self._failed_at = float("-inf")

    async def discovery(self, backends: Backends) -> Discovery:
        now = backends.clock.monotonic()
        if self._discovery is None or now - self._discovered_at > DOCUMENTS_SECONDS:
            url = self._provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
            self._discovery = self._checked(await self._get(backends, url))
            self._discovered_at = now
        return self._discovery

    async def keys_for(self, backends: Backends, id_token: str) -> KeySet:
        now, wanted = backends.clock.monotonic(), key_id(id_token)
        age = now - self._keys_at
        if self._keys is None or age > DOCUMENTS_SECONDS or (age > KEYS_AGAIN_SECONDS and not self._knows(wanted)):
            found = await self.discovery(backends)
            self._keys = read_keys(await self._get(backends, found.jwks_uri))
            self._keys_at = now
        return self._keys

    async def exchange(self, backends: Backends, code: str, verifier: str, redirect_uri: str) -> str:
        """The id token. Not tried twice: a code works once."""
        found = await self.discovery(backends)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        user, password = self._provider.client_id, self._provider.client_secret
        auth = None
        if "client_secret_basic" in found.token_endpoint_auth_methods_supported:
            auth = httpx.BasicAuth(quote(user, safe=""), quote(password, safe=""))
        else:
            form |= {"client_id": user, "client_secret": password}
        answer = await self._ask(backends, "POST", found.token_endpoint, data=form, auth=auth)
        token = answer.get("id_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or len(token) > LONGEST_ID_TOKEN:
            raise ProviderRefused("The provider did not say who you are. Try again, or choose another way.")
        return token

    def _knows(self, wanted: str | None) -> bool:
        return self._keys is not None and (wanted is None or any(key.kid == wanted for key in self._keys))

    def _checked(self, document: object) -> Discovery:
        try:
            found = msgspec.convert(document, Discovery)
        except msgspec.ValidationError as error:
            raise ProviderUnavailable(f"The provider's description cannot be used: {error}") from error
        if found.issuer != self._provider.issuer:
            raise ConfigurationError(f"{self._provider.name} calls itself {found.issuer}, not {self._provider.issuer}.")
        secure = urlsplit(self._provider.issuer).scheme == "https"
        for url in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            if urlsplit(url).scheme not in (("https",) if secure else ("http", "https")):
                raise ProviderUnavailable("The provider's description names an address that is not https.")
        return found

    async def _get(self, backends: Backends, url: str) -> Any:
        try:
            return await self._ask(backends, "GET", url)
        except ProviderUnavailable:
            self._failed_at = float("-inf")
            return await self._ask(backends, "GET", url)

    async def _ask(self, backends: Backends, method: str, url: str, **more: Any) -> Any:
        now = backends.clock.monotonic()
        if now - self._failed_at < REST_SECONDS:
            raise self._away()
        try:
            status, body = await _sent(method, url, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._failed_at = now
            raise self._away() from error
        if status >= 500:
            self._failed_at = now
            raise self._away()
        if status != 200:
            raise ProviderRefused("The provider refused. Try again, or choose another way.")
        try:
            return msgspec.json.decode(body)
        except msgspec.MsgspecError as error:
            raise ProviderUnavailable("The provider's answer cannot be read.") from error

    def _away(self) -> ProviderUnavailable:
        return ProviderUnavailable(f"{self._provider.label} does not answer. Try again shortly, or choose another way.")


async def _sent(method: str, url: str, **more: Any) -> tuple[int, bytes]:
    """No redirects, and never more than fits."""
    async with (
        httpx.AsyncClient(timeout=TIMEOUT, verify=_trusted(), follow_redirects=False, trust_env=False) as client,
        client.stream(method, url, headers={"Accept": "application/json"}, **more) as response,
    ):
        body = b""
        async for part in response.aiter_bytes():
            body += part
            if len(body) > MAX_BYTES:
                raise httpx.DecodingError("the answer is too large")
        return response.status_code, body


@cache
def client_of(provider: Provider) -> ProviderClient:
    return ProviderClient(provider)


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the authorities takes tens of milliseconds, so it is done once."""
    return ssl.create_default_context()
