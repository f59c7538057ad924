"""Asking AWS's control APIs: in a thread, with limits, and errors in our words."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, cast
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError

from directfanz.backends.live.contract import NotYet
from directfanz.errors import DirectFanzError, NotFound, Rejected, Unavailable
from directfanz.platform_toml import Platform
from directfanz.settings import Settings

TIMEOUT_SECONDS = 10
_BUSY = ("TooManyRequests", "Throttling", "InternalServer", "InternalError", "ServiceUnavailable", "BadGateway",
         "GatewayTimeout")  # fmt: skip
_GONE = frozenset({"NotFoundException", "ResourceNotFoundException"})
_NOT_YET = frozenset({"ChannelNotBroadcasting", "ConflictException", "PendingVerification"})


class Names:
    """What we make there is named after its stream, and its environment."""

    def __init__(self, settings: Settings, platform: Platform) -> None:
        self._begins = f"{platform.name}-{settings.storage_prefix.strip('-')}-live-"

    def of(self, stream_id: UUID) -> str:
        return f"{self._begins}{stream_id.hex}"

    def stream_of(self, name: str | None) -> UUID | None:
        """None for what is not ours: another environment's, or made by hand."""
        if name is None or not name.startswith(self._begins):
            return None
        with contextlib.suppress(ValueError):
            return UUID(hex=name.removeprefix(self._begins))
        return None


class Asking:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: dict[str, Any] = {}

    async def ask(self, service: str, operation: str, **asked: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self._asked, service, operation, asked)

    async def all(self, service: str, operation: str, field: str, token: str, **asked: Any) -> list[dict[str, Any]]:
        """Every page of a list; `token` is what the service calls its next page."""
        found: list[dict[str, Any]] = []
        while True:
            told = await self.ask(service, operation, **asked)
            found += told.get(field, [])
            if not told.get(token):
                return found
            asked[token] = told[token]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _asked(self, service: str, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            return cast(dict[str, Any], getattr(self._client(service), operation)(**asked))
        except (ClientError, BotoCoreError) as error:
            raise translated(service, error) from error

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            import boto3  # 0.3 s
            from botocore.config import Config

            config = Config(
                connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS,
                retries={"total_max_attempts": 4, "mode": "standard"},
            )  # fmt: skip
            self._clients[service] = boto3.session.Session().client(
                service, region_name=self._settings.aws_region, endpoint_url=self._settings.aws_endpoint, config=config
            )  # fmt: skip
        return self._clients[service]


def translated(service: str, error: ClientError | BotoCoreError) -> DirectFanzError:
    if not isinstance(error, ClientError):
        return Unavailable(f"{service} does not answer: {type(error).__name__}.")
    told = cast(dict[str, Any], error.response)
    code = str(told.get("Error", {}).get("Code", ""))
    if code in _GONE:
        return NotFound(f"{service} has no such thing: {error}")
    if code in _NOT_YET:
        return NotYet(f"{service} is busy with the order before: {error}")
    if code.startswith(_BUSY) or told.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return Unavailable(f"{service} is busy: {error}")
    return Rejected(f"{service} refused: {error}")
