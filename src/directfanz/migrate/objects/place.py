"""A bucket somewhere, and what we ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from directfanz.errors import ConfigurationError
from directfanz.migrate.errors import SideName, SideProblem, blame

CONNECTIONS = 48
# What a reader may notice about an object besides its bytes.
KEPT_HEADERS = ("ContentType", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "Metadata")
GONE = ("NoSuchKey", "404", "NotFound")
CHANGED = ("PreconditionFailed", "412")


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As a JSON file says it; without keys the machine's own role is used."""

    bucket: str
    endpoint: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    region: str = "us-east-1"
    prefix: str = ""


class Listed(msgspec.Struct, frozen=True):
    key: str
    etag: str
    size: int


def read_place(path: Path, side: SideName) -> Place:
    try:
        return Place(msgspec.json.decode(path.read_bytes(), type=Address), side)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"{path} does not describe a bucket: {error}") from None


class Place:
    def __init__(self, address: Address, side: SideName) -> None:
        self.address, self.side = address, side
        self._client = boto3.client(
            "s3",
            endpoint_url=address.endpoint,
            aws_access_key_id=address.access_key,
            aws_secret_access_key=address.secret_key,
            region_name=address.region,
            config=Config(
                max_pool_connections=CONNECTIONS,
                connect_timeout=5,
                read_timeout=60,
                retries={"max_attempts": 8, "mode": "adaptive"},  # SlowDown storms are waited out
                s3={"addressing_style": "path" if address.endpoint else "auto"},
            ),
        )

    @property
    def name(self) -> str:
        return f"{self.address.endpoint or 'aws'}/{self.address.bucket}/{self.address.prefix}"

    def close(self) -> None:
        self._client.close()

    def ask(self, what: str, **words: Any) -> dict[str, Any]:
        """The answer, or an error whose code `sqlstate` holds, blamed on this side."""
        try:
            answer: dict[str, Any] = getattr(self._client, what)(Bucket=self.address.bucket, **words)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            raise blame(self.side, f"{what}: {error}", code) from error
        except BotoCoreError as error:
            raise blame(self.side, f"{what}: {error}") from error
        return answer

    def listed(self) -> Iterator[Listed]:
        more: dict[str, Any] = {}
        while True:
            page = self.ask("list_objects_v2", Prefix=self.address.prefix, **more)
            for one in page.get("Contents", ()):
                yield Listed(one["Key"], one["ETag"].strip('"'), one["Size"])
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def tags(self, key: str) -> str:
        """As a header takes them."""
        from urllib.parse import urlencode

        try:
            found = self.ask("get_object_tagging", Key=key).get("TagSet", ())
        except SideProblem as error:
            if error.sqlstate in (*GONE, "NoSuchTagSet", "NotImplemented"):
                return ""
            raise
        return urlencode({one["Key"]: one["Value"] for one in found})
