"""Amazon SES, by its version 2 API."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from directfanz.backends.email.letter import Letter
from directfanz.errors import DirectFanzError, Rejected, Unavailable

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client

TIMEOUT_SECONDS = 10
# What a person has to mend, or what passes by itself; every other refusal is of the letter itself.
_LATER = frozenset(
    {
        "AccessDeniedException",
        "AccountSuspendedException",
        "ExpiredTokenException",
        "InternalServiceErrorException",
        "InvalidClientTokenId",
        "LimitExceededException",
        "SendingPausedException",
        "SignatureDoesNotMatch",
        "ThrottlingException",
        "TooManyRequestsException",
        "UnrecognizedClientException",
    }
)


class SesCarrier:
    def __init__(self, region: str, endpoint: str | None = None) -> None:
        self._region = region
        self._endpoint = endpoint
        self._made: SESV2Client | None = None

    async def carry(self, letter: Letter) -> str:
        return await asyncio.to_thread(self._send, letter)

    async def close(self) -> None:
        if self._made is not None:
            self._made.close()

    def _send(self, letter: Letter) -> str:
        try:
            answer = self._client().send_email(
                FromEmailAddress=str(letter.sender),
                Destination={"ToAddresses": [letter.to]},
                Content={"Raw": {"Data": letter.mime().as_bytes()}},
            )
        except (ClientError, BotoCoreError) as error:
            raise _translated(error) from error
        return answer["MessageId"]

    def _client(self) -> SESV2Client:
        if self._made is None:
            import boto3  # 0.3 s
            from botocore.config import Config

            config = Config(
                connect_timeout=TIMEOUT_SECONDS,
                read_timeout=TIMEOUT_SECONDS,
                retries={"total_max_attempts": 2, "mode": "standard"},  # the job tries again, later
            )
            self._made = boto3.session.Session().client(
                "sesv2", region_name=self._region, endpoint_url=self._endpoint, config=config
            )
        return self._made


def _translated(error: ClientError | BotoCoreError) -> DirectFanzError:
    if not isinstance(error, ClientError):
        return Unavailable(f"SES does not answer: {type(error).__name__}.")
    response = cast(dict[str, Any], error.response)
    code = str(response.get("Error", {}).get("Code", ""))
    if code in _LATER or response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) >= 500:
        return Unavailable(f"SES could not take the mail now: {code}.")
    return Rejected(f"SES refused the mail: {code}.")
