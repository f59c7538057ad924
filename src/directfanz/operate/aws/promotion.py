"""A tested image goes from one account's registry to another's, byte for byte: the same digest there as here, or nothing.

Each registry is asked with its own account's rights. A manifest that lists others (one for each kind of machine) goes last, when all
that it names is there. What is there already is not sent again, so a promotion that was cut off goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.request import urlopen

from botocore.exceptions import BotoCoreError, ClientError

from directfanz.errors import Rejected, Unavailable

IMAGES = ("app", "pgbouncer")
ACCEPTED = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
]
PART_BYTES = 20 * 1024 * 1024
DOWNLOAD_SECONDS = 60


class Promotion:
    """From a repository to another of the same image. `source` and `target` are ECR clients of the two accounts."""

    def __init__(self, source: Any, target: Any, source_name: str, target_name: str) -> None:
        self._source, self._target = source, target
        self._from, self._to = source_name, target_name

    def run(self, version: str) -> str:
        """The digest that the version has in both places."""
        try:
            return self._run(version)
        except (ClientError, BotoCoreError, OSError) as error:
            raise Unavailable(f"{self._from}:{version} was not copied to {self._to}: {error}. Run it again.") from None

    def _run(self, version: str) -> str:
        image = self._image(self._source, self._from, {"imageTag": version})
        if image is None:
            raise Rejected(f"{self._from} has no version {version}: the stage before has not pushed it.")
        digest = str(image["imageId"]["imageDigest"])
        there = self._image(self._target, self._to, {"imageTag": version})
        if there is not None:
            if there["imageId"]["imageDigest"] == digest:
                return digest
            raise Rejected(f"{self._to} has another image under the name {version}. A version is one image for ever.")
        self._copy(image, version)
        return digest

    def _image(self, registry: Any, name: str, which: dict[str, str]) -> dict[str, Any] | None:
        told = registry.batch_get_image(repositoryName=name, imageIds=[which], acceptedMediaTypes=ACCEPTED)
        found: dict[str, Any] | None = next(iter(told["images"]), None)
        return found

    def _copy(self, image: dict[str, Any], version: str | None) -> None:
        manifest = json.loads(image["imageManifest"])
        for part in manifest.get("manifests", []):
            inner = self._image(self._source, self._from, {"imageDigest": part["digest"]})
            if inner is None:
                raise Rejected(f"{self._from} lacks {part['digest']}, which {version} is made of.")
            self._copy(inner, None)
        blobs = [*([manifest["config"]] if "config" in manifest else []), *manifest.get("layers", [])]
        for digest in self._missing([blob["digest"] for blob in blobs]):
            self._send(digest)
        self._target.put_image(
            repositoryName=self._to,
            imageManifest=image["imageManifest"],
            imageManifestMediaType=image.get("imageManifestMediaType") or manifest["mediaType"],
            imageDigest=image["imageId"]["imageDigest"],
            **({"imageTag": version} if version else {}),
        )

    def _missing(self, digests: list[str]) -> list[str]:
        if not digests:
            return []
        told = self._target.batch_check_layer_availability(repositoryName=self._to, layerDigests=digests)
        there = {one["layerDigest"] for one in told["layers"] if one["layerAvailability"] == "AVAILABLE"}
        return [digest for digest in dict.fromkeys(digests) if digest not in there]

    def _send(self, digest: str) -> None:
        place = self._source.get_download_url_for_layer(repositoryName=self._from, layerDigest=digest)["downloadUrl"]
        upload = self._target.initiate_layer_upload(repositoryName=self._to)["uploadId"]
        heard, at = sha256(), 0
        for part in _parts(place):
            heard.update(part)
            self._target.upload_layer_part(
                repositoryName=self._to,
                uploadId=upload,
                partFirstByte=at,
                partLastByte=at + len(part) - 1,
                layerPartBlob=part,
            )
            at += len(part)
        if f"sha256:{heard.hexdigest()}" != digest:
            raise Rejected(f"A layer of {self._from} is not what its digest says: {digest}.")
        self._target.complete_layer_upload(repositoryName=self._to, uploadId=upload, layerDigests=[digest])


def _parts(place: str) -> Iterator[bytes]:
    with urlopen(place, timeout=DOWNLOAD_SECONDS) as answer:  # noqa: S310 - an address that ECR itself has just given
        while part := answer.read(PART_BYTES):
            yield part
