"""Layers of images: moto keeps manifests alone. A layer is fetched from the address that a registry gives, so it stands there."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from moto.core.exceptions import ServiceException

from tests.support.stand_in.memory import Gone, Told, answers, find, things

PATH = "/layers/"
place = [""]  # where the stand-in is; set when it starts


class NotThat(ServiceException):
    code = "InvalidLayerException"

    def __init__(self) -> None:
        super().__init__("The layer is not what its digest says.")


def _key(told: Told, digest: str) -> str:
    return f"{told['repositoryName']}@{digest}"


@answers("ecr.InitiateLayerUpload")
def _begin(told: Told) -> Told:
    number = str(len(things["layer-upload"]) + 1)
    things["layer-upload"][number] = {"bytes": b""}
    return {"uploadId": number, "partSize": 10 * 1024 * 1024}


@answers("ecr.UploadLayerPart")
def _part(told: Told) -> Told:
    upload = find("layer-upload", told["uploadId"], "UploadNotFoundException")
    blob: bytes = told["layerPartBlob"]
    if told["partFirstByte"] != len(upload["bytes"]) or told["partLastByte"] != told["partFirstByte"] + len(blob) - 1:
        raise Gone("InvalidLayerPartException")
    upload["bytes"] += blob
    return {"uploadId": told["uploadId"], "lastByteReceived": told["partLastByte"]}


@answers("ecr.CompleteLayerUpload")
def _complete(told: Told) -> Told:
    upload = find("layer-upload", told["uploadId"], "UploadNotFoundException")
    (digest,) = told["layerDigests"]
    if f"sha256:{sha256(upload['bytes']).hexdigest()}" != digest:
        raise NotThat
    things["layer"][_key(told, digest)] = upload
    return {"layerDigest": digest, "uploadId": told["uploadId"]}


@answers("ecr.BatchCheckLayerAvailability")
def _check(told: Told) -> Told:
    there = [digest for digest in told["layerDigests"] if _key(told, digest) in things["layer"]]
    missing = [digest for digest in told["layerDigests"] if digest not in there]
    return {
        "layers": [{"layerDigest": digest, "layerAvailability": "AVAILABLE"} for digest in there],
        "failures": [{"layerDigest": digest, "failureCode": "MissingLayerDigest"} for digest in missing],
    }


@answers("ecr.GetDownloadUrlForLayer")
def _url(told: Told) -> Told:
    find("layer", _key(told, told["layerDigest"]), "LayersNotFoundException")
    return {"downloadUrl": f"{place[0]}{PATH}{_key(told, told['layerDigest'])}", "layerDigest": told["layerDigest"]}


def layer(path: str) -> Any:
    """What lies under an address that was given."""
    return things["layer"].get(path.removeprefix(PATH), {}).get("bytes")
