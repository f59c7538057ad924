"""Orders handed to MediaConvert, and watched until they end.

The number of the job is kept beside its output while it runs: a worker that is given the order again watches that job, whatever became of
the first one. A token makes two who ask at the same moment get one job.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from typing import Any, cast

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from directfanz.backends.storage.contract import Storage
from directfanz.backends.transcoder.contract import MAIN_PLAYLIST, BadMedia, Made, Order, Rendition, Tell
from directfanz.backends.transcoder.mediaconvert import job as words
from directfanz.errors import DirectFanzError, NotFound, Rejected, Unavailable
from directfanz.platform_toml.media import Processing
from directfanz.settings import Settings

TIMEOUT_SECONDS = 10
POLL_SECONDS = 5.0
HLS = "application/vnd.apple.mpegurl"
_BUSY = frozenset(
    {"TooManyRequestsException", "InternalServerErrorException", "ThrottlingException", "ServiceUnavailable"}
)
_OVER = frozenset({"ConflictException", "NotFoundException"})
# Numbers of MediaConvert's errors: what is wrong with the input, and what is wrong with our access to buckets.
_BAD_INPUT = range(1000, 1100)
_NO_ACCESS = range(1400, 1500)


class _Note(msgspec.Struct, frozen=True):
    job: str


class MediaConvert:
    name = "mediaconvert"

    def __init__(
        self, settings: Settings, rules: Processing, storage: Storage, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._settings = settings
        self._rules = rules
        self._storage = storage
        self._poll_seconds = poll_seconds
        self._made: Any = None

    async def transcode(self, order: Order, tell: Tell) -> Made:
        job = await self._job_of(order) or await self._begun(order)
        told = 0.0
        while True:
            found = await self._ask("get_job", Id=job)
            status = found["Job"]["Status"]
            if status == "COMPLETE":
                break
            if status in ("ERROR", "CANCELED"):
                await self._forget(order)
                raise _failed(found["Job"])
            if (share := found["Job"].get("JobPercentComplete", 0) / 100) > told:
                told = share
                await tell(min(told, 0.99))
            await asyncio.sleep(self._poll_seconds)
        made = await self._result(order)
        await self._forget(order)
        await tell(1.0)
        return made

    async def cancel(self, order: Order) -> None:
        job = await self._job_of(order)
        if job is None:
            return
        with contextlib.suppress(_Over):
            await self._ask("cancel_job", Id=job)
        await self._forget(order)

    async def close(self) -> None:
        if self._made is not None:
            self._made.close()

    async def _begun(self, order: Order) -> str:
        address = f"s3://{self._settings.storage_prefix}"
        asked = words.settings(
            order,
            self._rules,
            f"{address}{order.bucket}/{order.source}",
            f"{address}{order.target_bucket}/{order.target}",
        )
        made = await self._ask(
            "create_job",
            Role=self._settings.mediaconvert_role,
            Settings=asked,
            ClientRequestToken=hashlib.sha256(order.token.encode()).hexdigest()[:32],
            UserMetadata={"order": order.token},
            StatusUpdateInterval="SECONDS_10",
            **({"Queue": queue} if (queue := self._settings.mediaconvert_queue) else {}),
        )
        job = str(made["Job"]["Id"])
        note = msgspec.json.encode(_Note(job))
        await self._storage.bucket(order.target_bucket).put(self._note(order), note)
        return job

    async def _job_of(self, order: Order) -> str | None:
        try:
            note = await self._storage.bucket(order.target_bucket).get(self._note(order))
        except NotFound:
            return None
        return msgspec.json.decode(note, type=_Note).job

    async def _forget(self, order: Order) -> None:
        with contextlib.suppress(NotFound):
            await self._storage.bucket(order.target_bucket).delete(self._note(order))

    def _note(self, order: Order) -> str:
        return f"{order.target}/work/mediaconvert.json"

    async def _result(self, order: Order) -> Made:
        bucket = self._storage.bucket(order.target_bucket)
        sizes = {item.key.removeprefix(f"{order.target}/"): item.size async for item in bucket.walk(order.target)}
        names = [(rung.name, rung.width, rung.height) for rung in order.rungs]
        if order.facts.sound:
            names.append((words.SOUND, 0, 0))
        renditions = [Rendition(name="main", role="playlist", path=MAIN_PLAYLIST, mime=HLS)]
        longest = 0.0
        for name, width, height in names:
            path = words.playlist_of(name)
            text = (await bucket.get(f"{order.target}/{path}")).decode()
            seconds = sum(float(length) for length in re.findall(r"#EXTINF:([\d.]+)", text))
            longest = max(longest, seconds)
            parts = [line for line in text.splitlines() if line and not line.startswith("#")]
            size = sum(sizes.get(part, 0) for part in parts)
            made = Rendition(name=name, role="video" if width else "audio", path=path, mime=HLS)
            renditions.append(
                msgspec.structs.replace(
                    made,
                    width=width or None,
                    height=height or None,
                    bytes=size,
                    bits_per_second=round(8 * size / max(seconds, 0.1)),
                )
            )
        return Made(tuple(renditions), longest)

    async def _ask(self, operation: str, **asked: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self._asked, operation, asked)

    def _asked(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            return cast(dict[str, Any], getattr(self._client(), operation)(**asked))
        except (ClientError, BotoCoreError) as error:
            raise _translated(error) from error

    def _client(self) -> Any:
        if self._made is None:
            import boto3  # 0.3 s
            from botocore.config import Config

            config = Config(
                connect_timeout=TIMEOUT_SECONDS,
                read_timeout=TIMEOUT_SECONDS,
                retries={"total_max_attempts": 4, "mode": "standard"},
            )
            self._made = boto3.session.Session().client(
                "mediaconvert", region_name=self._settings.aws_region, endpoint_url=self._settings.aws_endpoint, config=config
            )  # fmt: skip
        return self._made


class _Over(NotFound):
    """The job ended already, or is gone."""


def _failed(job: dict[str, Any]) -> DirectFanzError:
    code, message = job.get("ErrorCode", 0), job.get("ErrorMessage", "")
    if job["Status"] == "CANCELED":
        return Unavailable("MediaConvert's job was cancelled.")
    if code in _BAD_INPUT:
        return BadMedia("unreadable", "This film cannot be read to its end. It may be damaged.")
    if code in _NO_ACCESS:
        return Rejected(f"MediaConvert may not read or write our buckets ({code}): {message}")
    return Unavailable(f"MediaConvert failed ({code}): {message}")


def _translated(error: ClientError | BotoCoreError) -> DirectFanzError:
    if not isinstance(error, ClientError):
        return Unavailable(f"MediaConvert does not answer: {type(error).__name__}.")
    code = str(cast(dict[str, Any], error.response).get("Error", {}).get("Code", ""))
    if code in _OVER:
        return _Over(f"MediaConvert has no such job, or it is over: {error}")
    return (
        Unavailable(f"MediaConvert is busy: {error}") if code in _BUSY else Rejected(f"MediaConvert refused: {error}")
    )
