"""A bucket somewhere, and what we ask of it.

Three clients share the work. obstore (Rust) writes and signs: it costs a third of what boto3 does. A signed address asked over a plain
connection tells every header, the number of tags among them, which obstore keeps to itself. boto3 knows the rest: versions, classes, odd
keys.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import re
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import msgspec
import obstore
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from obstore.exceptions import BaseError
from obstore.store import S3Store

from directfanz.errors import ConfigurationError
from directfanz.migrate.errors import SideName, SideProblem, blame
from directfanz.migrate.objects.wires import Wires

CONNECTIONS = 48
# What a reader may notice about an object besides its bytes, by its header.
KEPT_HEADERS = {
    "content-type": "ContentType",
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "expires": "Expires",
    "x-amz-storage-class": "StorageClass",
    "x-amz-website-redirect-location": "WebsiteRedirectLocation",
}
OBSTORE_NAMES = ("Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language")
META = "x-amz-meta-"
GONE = ("NoSuchKey", "404", "NotFound")
CHANGED = ("PreconditionFailed", "412")
BUSY = (429, 500, 502, 503, 504)  # SlowDown storms are waited out
TRIES = 9
LONGEST_WAIT_SECONDS = 8.0
SIGNED_FOR = timedelta(hours=1)
CODE = ("<Code>", "</Code>")
# Not a word about the object: whoever asks is not known here, or not any more.
UNKNOWN = (
    "ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "RequestExpired", "AccessDenied",
)  # fmt: skip
FRESH = "Its credentials have ended or are not enough: put good ones into its file and say the same again. What has arrived stays."


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As a JSON file says it; without keys the machine's own role is used."""

    bucket: str
    endpoint: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    session_token: str | None = None  # of credentials that end
    region: str = "us-east-1"
    prefix: str = ""


class Listed(msgspec.Struct, frozen=True):
    key: str
    etag: str
    size: int
    version: str = ""  # "": the newest, whichever it is
    marker: bool = False  # a mark that it was deleted
    at: float = 0.0
    latest: bool = False


class Got(NamedTuple):
    headers: Mapping[str, str]
    body: bytes


def read_place(path: Path, side: SideName) -> Place:
    try:
        return Place(msgspec.json.decode(path.read_bytes(), type=Address), side)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(f"{path} does not describe a bucket: {error}") from None


class Place:
    def __init__(self, address: Address, side: SideName) -> None:
        self.address, self.side = address, side
        self._client = boto3.client("s3", **_credentials(address), config=_config(address))
        self._client.meta.events.register("after-call.s3.ListObjectVersions", _keep_order)
        self._store = S3Store(address.bucket, **_store_options(address))
        self._wires = Wires()

    @property
    def name(self) -> str:
        return f"{self.address.endpoint or 'aws'}/{self.address.bucket}/{self.address.prefix}"

    def close(self) -> None:
        self._client.close()
        self._wires.close()

    def ask(self, what: str, **words: Any) -> dict[str, Any]:
        """The answer, or an error whose code `sqlstate` holds, blamed on this side."""
        try:
            answer: dict[str, Any] = getattr(self._client, what)(Bucket=self.address.bucket, **words)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            raise self._said_no(f"{what}: {error}", code) from error
        except BotoCoreError as error:
            raise blame(self.side, f"{what}: {error}") from error
        return answer

    def get(self, key: str, *, etag: str = "", first: int = 0, size: int = -1, version: str = "") -> Got:
        """Bytes and every header, of the object as it was listed."""
        words = {"If-Match": etag} if etag else {}
        if size >= 0:
            words["Range"] = f"bytes={first}-{first + size - 1}"
        return self._asked("GET", self._signed(key, version), key, words, None)

    def put_part(self, key: str, upload: str, number: int, body: bytes) -> str:
        """The part's tag, with its quotes."""
        words = {"Bucket": self.address.bucket, "Key": key, "UploadId": upload, "PartNumber": number}
        address = str(self._client.generate_presigned_url("upload_part", Params=words))
        return self._asked("PUT", address, key, {}, body).headers.get("etag", "")

    def _asked(self, method: str, address: str, key: str, words: Mapping[str, str], body: bytes | None) -> Got:
        for wait in _waits():
            try:
                status, headers, said = self._wires.ask(method, address, words, body)
            except (OSError, http.client.HTTPException) as error:
                problem = blame(self.side, f"{key}: {error}")
            else:
                if status in (200, 206):
                    return Got(headers, said)
                problem = self._said_no(f"{key}: {status} {_code(said)}", _code(said) or str(status))
                if status not in BUSY:
                    raise problem
            if wait is None:
                raise problem
            time.sleep(wait)
        raise AssertionError("the last wait is None")

    def put(self, key: str, body: bytes, kept: Mapping[str, Any]) -> str:
        """The tag that the store gave it, without quotes."""
        if not _plain(key) or not _simple(kept):
            return str(self.ask("put_object", Key=key, Body=body, **kept)["ETag"]).strip('"')
        attributes = {name: kept[name.replace("-", "")] for name in OBSTORE_NAMES if name.replace("-", "") in kept}
        try:
            made = obstore.put(
                self._store, key, body, attributes=attributes | dict(kept.get("Metadata", {})), use_multipart=False
            )
        except BaseError as error:
            raise self._said_no(f"{key}: {error}", _code(str(error).encode())) from error
        return str(made["e_tag"] or "").strip('"')

    def _said_no(self, words: str, code: str) -> SideProblem:
        return blame(self.side, f"{words} {FRESH}" if code in UNKNOWN else words, code)

    def _signed(self, key: str, version: str) -> str:
        if version or not _plain(key):
            words = {"Bucket": self.address.bucket, "Key": key, **({"VersionId": version} if version else {})}
            return str(self._client.generate_presigned_url("get_object", Params=words))
        with contextlib.suppress(BaseError):
            return obstore.sign(self._store, "GET", key, SIGNED_FOR)
        return str(
            self._client.generate_presigned_url("get_object", Params={"Bucket": self.address.bucket, "Key": key})
        )

    def listed(self) -> Iterator[Listed]:
        more: dict[str, Any] = {}
        while True:
            page = self.ask("list_objects_v2", Prefix=self.address.prefix, **more)
            for one in page.get("Contents", ()):
                yield Listed(one["Key"], one["ETag"], one["Size"])
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def versions(self) -> Iterator[Listed]:
        """Of each key the newest first, marks of deletion in their place among the versions."""
        more: dict[str, str] = {}
        while True:
            page = self.ask("list_object_versions", Prefix=self.address.prefix, **more)
            kinds = {"Version": iter(page.get("Versions", ())), "DeleteMarker": iter(page.get("DeleteMarkers", ()))}
            for kind in page["Order"]:
                one = next(kinds[kind])
                yield Listed(
                    one["Key"],
                    one.get("ETag", ""),
                    one.get("Size", 0),
                    one["VersionId"],
                    kind == "DeleteMarker",
                    one["LastModified"].timestamp(),
                    one["IsLatest"],
                )
            if not page.get("IsTruncated"):
                return
            more = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}

    def tags(self, key: str, version: str = "") -> str:
        """As a header takes them."""
        from urllib.parse import urlencode

        try:
            found = self.ask("get_object_tagging", Key=key, **({"VersionId": version} if version else {})).get(
                "TagSet", ()
            )
        except SideProblem as error:
            if error.sqlstate in (*GONE, "NoSuchTagSet", "NotImplemented"):
                return ""
            raise
        return urlencode({one["Key"]: one["Value"] for one in found})


def _keep_order(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
    """boto3 puts versions and marks into two lists; which came when is only in the answer itself."""
    parsed["Order"] = re.findall("<(Version|DeleteMarker)>", http_response.content.decode())


def kept(headers: Mapping[str, str]) -> dict[str, Any]:
    """What has to be said again when the object is written."""
    said: dict[str, Any] = {name: headers[header] for header, name in KEPT_HEADERS.items() if headers.get(header)}
    metadata = {name[len(META) :].lower(): value for name, value in headers.items() if name.lower().startswith(META)}
    return said | ({"Metadata": metadata} if metadata else {})


def tagged(headers: Mapping[str, str]) -> bool:
    return headers.get("x-amz-tagging-count", "0") != "0"


def _waits() -> Iterator[float | None]:
    """Longer and longer, never in step with others; None: that was the last try."""
    for number in range(TRIES - 1):
        yield min(LONGEST_WAIT_SECONDS, 0.1 * 2**number) * random.uniform(0.5, 1)  # noqa: S311 # not a secret
    yield None


def _code(body: bytes) -> str:
    text = body[:2000].decode("utf-8", "replace")
    return text.partition(CODE[0])[2].partition(CODE[1])[0]


def _plain(key: str) -> bool:
    """obstore's paths have no empty and no relative steps; S3's keys may."""
    return all(part not in ("", ".", "..") for part in key.split("/")) and key.isprintable()


def _simple(words: Mapping[str, Any]) -> bool:
    return words.keys() <= {"Metadata", *(name.replace("-", "") for name in OBSTORE_NAMES)}


def _credentials(address: Address) -> dict[str, Any]:
    return {
        "endpoint_url": address.endpoint,
        "aws_access_key_id": address.access_key,
        "aws_secret_access_key": address.secret_key,
        "aws_session_token": address.session_token,
        "region_name": address.region,
    }


def _config(address: Address) -> Config:
    return Config(
        max_pool_connections=CONNECTIONS,
        connect_timeout=5,
        read_timeout=60,
        retries={"max_attempts": TRIES, "mode": "adaptive"},
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",  # we have a SHA-256 of our own
        s3={"addressing_style": "path" if address.endpoint else "auto", "payload_signing_enabled": False},
    )


def _store_options(address: Address) -> dict[str, Any]:
    options: dict[str, Any] = {
        "region": address.region,
        "virtual_hosted_style_request": address.endpoint is None,
        "unsigned_payload": True,  # the tag that comes back proves what arrived
        "client_options": {
            "allow_http": bool(address.endpoint and address.endpoint.startswith("http://")),
            "timeout": timedelta(seconds=60),
        },
        "retry_config": {"max_retries": TRIES, "retry_timeout": timedelta(minutes=3)},
    }
    given = {
        "endpoint": address.endpoint,
        "access_key_id": address.access_key,
        "secret_access_key": address.secret_key,
        "session_token": address.session_token,
    }
    return options | {name: value for name, value in given.items() if value}
