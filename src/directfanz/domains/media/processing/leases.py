"""The right to work on a file, for as long as the worker gives a sign of life."""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import timedelta
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.media.models import Asset
from directfanz.domains.media.processing import telling
from directfanz.domains.media.repository import processing
from directfanz.kit.ids import new_id

# A heartbeat this many times within a lease: two may be lost.
BEATS_PER_LEASE = 4
NEWS_SECONDS = 1.0
LEAST_NEWS = 0.005


class GivenUp(Exception):
    """Somebody of the team does not want the file any more."""


class LeaseLost(Exception):
    """Another worker has the file: nothing of this one counts."""


class Lease:
    def __init__(self, backends: Backends, asset: Asset, worker: str, taken: processing.Taken) -> None:
        self.asset = asset
        self.worker = worker
        self.attempt = taken.attempt
        self._backends = backends
        self._kept = taken.kept
        self._stage = "fetching"
        self._progress = 0.0
        self._base, self._weight = 0.0, 1.0
        self._told = -1.0
        self._told_stage = ""

    def at(self, stage: str, begin: float, end: float) -> None:
        """What is done from here on is this part of the whole."""
        self._stage, self._base, self._weight = stage, begin, end - begin
        self.share(0)

    def share(self, of_stage: float) -> None:
        self._progress = max(self._progress, min(1.0, self._base + self._weight * max(0.0, min(1.0, of_stage))))

    def kept(self, name: str) -> Any:
        return self._kept.get(name)

    async def keep(self, name: str, value: Any) -> None:
        """Done once for all attempts."""
        async with self._backends.database.writing() as tx:
            if not await processing.keep(tx, self.asset.id, self.worker, name, value):
                raise LeaseLost
        self._kept[name] = value

    async def hold(self) -> None:
        """Until it is cancelled, given up or lost."""
        pause = self._backends.platform.processing.lease_seconds / BEATS_PER_LEASE
        passed = pause
        while True:
            if passed >= pause:
                await self._beat()
                passed = 0.0
            await self._tell()
            await asyncio.sleep(min(NEWS_SECONDS, pause))
            passed += min(NEWS_SECONDS, pause)

    async def _beat(self) -> None:
        now = self._backends.clock.now()
        until = now + timedelta(seconds=self._backends.platform.processing.lease_seconds)
        async with self._backends.database.writing() as tx:
            cancel = await processing.beat(
                tx, self.asset.id, self.worker, self._stage, self._progress, now, until
            )  # fmt: skip
        if cancel is None:
            raise LeaseLost
        if cancel:
            raise GivenUp

    async def _tell(self) -> None:
        if self._progress - self._told >= LEAST_NEWS or self._stage != self._told_stage:
            self._told, self._told_stage = self._progress, self._stage
            await telling.progress(self._backends, self.asset, self._stage, self._progress)


async def take(backends: Backends, asset: Asset) -> Lease | None:
    """None while another worker has it."""
    now = backends.clock.now()
    worker = f"{socket.gethostname()}:{os.getpid()}:{new_id().hex[-8:]}"
    until = now + timedelta(seconds=backends.platform.processing.lease_seconds)
    async with backends.database.writing() as tx:
        taken = await processing.take(tx, asset.id, worker, now, until)
    return Lease(backends, asset, worker, taken) if taken else None


async def tries_in_vain(backends: Backends, asset_id: UUID) -> int:
    async with backends.database.writing() as tx:
        return await processing.in_vain(tx, asset_id)
