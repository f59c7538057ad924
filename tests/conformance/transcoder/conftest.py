"""Every test of this folder makes films with ffmpeg here, and with MediaConvert as the stand-in of AWS does it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.storage import open_storage
from directfanz.backends.storage.contract import Storage
from directfanz.backends.telemetry import open_telemetry
from directfanz.backends.transcoder.contract import Order, Transcoder
from directfanz.backends.transcoder.ffmpeg.adapter import FfmpegTranscoder
from directfanz.backends.transcoder.ffmpeg.program import Ffmpeg
from directfanz.backends.transcoder.ladder import rungs_for
from directfanz.backends.transcoder.mediaconvert.adapter import MediaConvert
from directfanz.kit.ids import new_id
from directfanz.platform_toml import Platform
from directfanz.platform_toml.media import Processing, Step
from directfanz.settings import Settings
from tests.support.engines import REPOSITORY, Engines
from tests.support.films import film
from tests.support.plain_settings import plain_settings

Ordered = Callable[[str], Awaitable[Order]]


@pytest.fixture(scope="session")
def rules(platform: Platform) -> Processing:
    """Small, so that small films show what large ones do."""
    steps = (Step(height=180, kbps=400), Step(height=120, kbps=200), Step(height=60, kbps=80))
    return msgspec.structs.replace(platform.processing, steps=steps, slice_seconds=10)


@pytest.fixture(scope="session")
def store_settings(engines: Engines) -> Settings:
    return plain_settings(
        storage_endpoint=engines.storage_endpoint,
        storage_access_key=engines.storage_access_key,
        storage_secret_key=engines.storage_secret_key,
        storage_prefix=f"conf-{new_id().hex[:20]}-",
    )


@pytest.fixture(scope="session")
async def storage(store_settings: Settings, platform: Platform) -> AsyncIterator[Storage]:
    telemetry = open_telemetry(store_settings, platform, "test")
    opened = open_storage(store_settings, platform, SystemClock(), telemetry)
    await opened.ensure_buckets()
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def stand_in(store_settings: Settings) -> Iterator[str]:
    found = (store_settings.storage_endpoint, store_settings.storage_access_key, store_settings.storage_secret_key)
    host = subprocess.Popen(
        [sys.executable, "-m", "tests.support.stand_in.server"],
        cwd=REPOSITORY,
        env={**os.environ, "STAND_IN_S3": " ".join(str(each) for each in found)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with host:
        assert host.stdout
        assert host.stdin
        yield host.stdout.readline().decode().strip()
        host.stdin.close()


@pytest.fixture(params=["ffmpeg", "mediaconvert"])
async def transcoder(
    request: pytest.FixtureRequest,
    storage: Storage,
    store_settings: Settings,
    rules: Processing,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[Transcoder]:
    made: Transcoder
    if request.param == "ffmpeg":
        made = FfmpegTranscoder(storage, rules, str(tmp_path))
    else:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        settings = msgspec.structs.replace(
            store_settings,
            aws_endpoint=request.getfixturevalue("stand_in"),
            mediaconvert_role="arn:aws:iam::123456789012:role/directfanz-test-mediaconvert",
        )
        made = MediaConvert(settings, rules, storage, poll_seconds=0.05)
    yield made
    await made.close()


@pytest.fixture
def ordered(storage: Storage, rules: Processing) -> Ordered:
    """Puts a film into the bucket of uploads and says what is wanted of it."""

    async def order(name: str) -> Order:
        path, key = film(name), f"{new_id().hex}/{name}"
        await storage.bucket("uploads").put(key, path.read_bytes())
        ffmpeg = Ffmpeg(rules)
        facts = await ffmpeg.look(path)
        gop = (await ffmpeg.packets(path)).longest_gop if facts.picture else None
        return Order(
            token=key,
            bucket="uploads",
            source=key,
            target_bucket="media",
            target=f"{new_id().hex}/v/1",
            facts=facts,
            rungs=rungs_for(facts, rules, gop),
        )

    return order
