"""boto3, for what obstore has not: buckets, presigned addresses, uploads that go on later.

It is slow to import and blocks, so it is made when first needed and works in threads of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from directfanz.errors import Unavailable
from directfanz.settings import Settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

THREADS = 4
CONNECT_SECONDS = 2
READ_SECONDS = 30
T = TypeVar("T")


class Control:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")
        self._made: dict[str | None, S3Client] = {}
        self._making = Lock()

    async def run(self, work: Callable[[S3Client], T]) -> T:
        return await self._in_thread(lambda: work(self._client(self._settings.storage_endpoint)))

    async def run_for_browsers(self, work: Callable[[S3Client], T]) -> T:
        """Addresses are signed for the host where browsers reach the store."""
        settings = self._settings
        return await self._in_thread(
            lambda: work(self._client(settings.storage_public_endpoint or settings.storage_endpoint))
        )

    async def compute(self, work: Callable[[], T]) -> T:
        """For checksums of large pieces."""
        return await self._in_thread(work)

    async def close(self) -> None:
        """Waits for what runs; each call is bounded by its timeouts."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)
        for client in self._made.values():
            client.close()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            waiting = loop.run_in_executor(self._threads, work)
        except RuntimeError as error:
            raise Unavailable("The object store is closed.") from error
        return await waiting

    def _client(self, endpoint: str | None) -> S3Client:
        with self._making:
            if endpoint not in self._made:
                self._made[endpoint] = self._make(endpoint)
            return self._made[endpoint]

    def _make(self, endpoint: str | None) -> S3Client:
        import boto3
        from botocore.config import Config

        settings = self._settings
        config = Config(
            signature_version="s3v4",  # with another endpoint boto3 presigns by the old scheme otherwise
            s3={"addressing_style": "path" if endpoint else "virtual"},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=THREADS,
            retries={"total_max_attempts": 4, "mode": "standard"},
        )
        # A session of its own: boto3's shared one is not safe to make clients with from many threads.
        client: S3Client = boto3.session.Session().client(
            "s3",
            region_name=settings.storage_region,
            endpoint_url=endpoint,
            aws_access_key_id=settings.storage_access_key,
            aws_secret_access_key=settings.storage_secret_key,
            config=config,
        )
        return client
