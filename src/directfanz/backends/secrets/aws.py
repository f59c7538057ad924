"""AWS Secrets Manager. Our names stand under a prefix there: `directfanz/media-signing-key`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from directfanz.backends.secrets.contract import SecretMissing
from directfanz.backends.secrets.names import check_name, check_value
from directfanz.errors import DirectFanzError, InvalidInput, Rejected, Unavailable

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

TIMEOUT_SECONDS = 5
_MISSING = "ResourceNotFoundException"
_EXISTS = "ResourceExistsException"
# A secret that was deleted, or is being made by another of us, is busy for a while.
_BUSY = frozenset({"ThrottlingException", "InternalServiceError", "InvalidRequestException", "ServiceUnavailable"})


class AwsSecrets:
    def __init__(self, prefix: str, region: str, endpoint: str | None = None) -> None:
        self._prefix = f"{prefix}/"
        self._region = region
        self._endpoint = endpoint
        self._made: SecretsManagerClient | None = None

    async def get(self, name: str) -> str:
        return await asyncio.to_thread(self._get, check_name(name))

    async def put(self, name: str, value: str) -> None:
        await asyncio.to_thread(self._put, check_name(name), check_value(value))

    async def names(self) -> list[str]:
        return await asyncio.to_thread(self._names)

    def _client(self) -> SecretsManagerClient:
        if self._made is None:
            import boto3  # 0.3 s, and most processes read no secret after their start

            config = Config(
                connect_timeout=TIMEOUT_SECONDS,
                read_timeout=TIMEOUT_SECONDS,
                retries={"total_max_attempts": 4, "mode": "standard"},
            )
            session = boto3.session.Session(region_name=self._region)
            self._made = session.client("secretsmanager", endpoint_url=self._endpoint, config=config)
        return self._made

    def _get(self, name: str) -> str:
        try:
            answer = self._client().get_secret_value(SecretId=self._prefix + name)
        except (ClientError, BotoCoreError) as error:
            raise _translated(error, name) from error
        if "SecretString" not in answer:
            raise InvalidInput.in_field("name", f"The secret {name} is not text.", "Put it again with this command.")
        return answer["SecretString"]

    def _put(self, name: str, value: str) -> None:
        """Two who make one at the same time: the slower one replaces."""
        try:
            self._replace(name, value)
        except SecretMissing:
            try:
                self._client().create_secret(Name=self._prefix + name, SecretString=value)
            except (ClientError, BotoCoreError) as error:
                if _code(error) != _EXISTS:
                    raise _translated(error, name) from error
                self._replace(name, value)

    def _replace(self, name: str, value: str) -> None:
        try:
            self._client().put_secret_value(SecretId=self._prefix + name, SecretString=value)
        except (ClientError, BotoCoreError) as error:
            raise _translated(error, name) from error

    def _names(self) -> list[str]:
        try:
            pages = (
                self._client()
                .get_paginator("list_secrets")
                .paginate(Filters=[{"Key": "name", "Values": [self._prefix]}])
            )
            full = [secret["Name"] for page in pages for secret in page["SecretList"]]
        except (ClientError, BotoCoreError) as error:
            raise _translated(error, "") from error
        return sorted(name.removeprefix(self._prefix) for name in full if name.startswith(self._prefix))


def _code(error: ClientError | BotoCoreError) -> str:
    if not isinstance(error, ClientError):
        return ""
    return str(cast(dict[str, Any], error.response).get("Error", {}).get("Code", ""))


def _translated(error: ClientError | BotoCoreError, name: str) -> DirectFanzError:
    """The messages of AWS name the secret, never its value."""
    code = _code(error)
    if code == _MISSING:
        return SecretMissing(f"There is no secret {name}.")
    if not code or code in _BUSY:
        return Unavailable(f"Secrets Manager does not answer: {error}")
    return Rejected(f"Secrets Manager refused: {error}")
