"""Where a process on AWS lives: settings as its task gets them, and the things that Terraform made for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.headerregistry import Address
from typing import Any

import boto3
import msgspec

from directfanz.backends.clock.system import SystemClock
from directfanz.backends.email.letter import Letter
from directfanz.backends.secrets.aws import AwsSecrets
from directfanz.backends.storage import open_storage
from directfanz.backends.storage.contract import Storage
from directfanz.backends.telemetry import open_telemetry
from directfanz.backends.transcoder.contract import Order
from directfanz.backends.transcoder.ffmpeg.program import Ffmpeg
from directfanz.backends.transcoder.ladder import rungs_for
from directfanz.kit.ids import new_id
from directfanz.platform_toml import Platform
from directfanz.settings import Settings
from tests.support.films import film
from tests.support.plain_settings import plain_settings

REGION = "us-east-1"


class Home:
    def __init__(self, endpoint: str, told: dict[str, Any], settings: Settings) -> None:
        self.endpoint, self.told, self.settings = endpoint, told, settings
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(service, region_name=REGION, endpoint_url=self.endpoint)
        return self._clients[service]

    def secrets(self, prefix: str) -> AwsSecrets:
        return AwsSecrets(prefix, REGION, self.endpoint)

    def storage(self, platform: Platform) -> Storage:
        telemetry = open_telemetry(self.settings, platform, "test")
        return open_storage(self.settings, platform, SystemClock(), telemetry)

    def let_plain_http_in(self) -> None:
        for bucket in self.told["buckets"].values():
            self.client("s3").delete_bucket_policy(Bucket=bucket)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@contextmanager
def at_home(endpoint: str, told: dict[str, Any], environment: Mapping[str, str]) -> Iterator[Home]:
    """As the task has it where adapters look; what of it is for other machines than this one is left out."""
    given = {name.removeprefix("DIRECTFANZ_").lower(): value for name, value in environment.items()}
    settings = plain_settings(
        storage_endpoint=endpoint,
        storage_access_key="test",
        storage_secret_key="test",
        storage_prefix=given["storage_prefix"],
        aws_endpoint=endpoint,
        aws_region=given["aws_region"],
        transcoder_backend=given["transcoder_backend"],
        mediaconvert_role=given["mediaconvert_role"],
        mediaconvert_queue=given["mediaconvert_queue"],
    )
    home = Home(endpoint, told, settings)
    yield home
    home.close()


async def ordered_film(storage: Storage, platform: Platform) -> Order:
    path, key = film("plain.mp4"), f"{new_id().hex}/plain.mp4"
    await storage.bucket("uploads").put(key, path.read_bytes())
    steps = tuple(msgspec.structs.replace(step, height=180) for step in platform.processing.steps[-1:])
    rules = msgspec.structs.replace(platform.processing, steps=steps)
    facts = await Ffmpeg(rules).look(path)
    return Order(
        token=key,
        bucket="uploads",
        source=key,
        target_bucket="media",
        target=f"{new_id().hex}/v/1",
        facts=facts,
        rungs=rungs_for(facts, rules, None),
    )


def letter(sender: str) -> Letter:
    name, _, domain = sender.partition("@")
    return Letter(
        sender=Address("DirectFanz", name, domain),
        to="ada@example.com",
        subject="Hello",
        text="Hello",
        html="<p>Hello</p>",
        message_id=f"1@{domain}",
        headers={},
        date=datetime(2026, 11, 21, tzinfo=UTC),
    )
