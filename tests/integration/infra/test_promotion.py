"""An image goes from one registry to another by its digest: whole, once, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import boto3
import pytest

from directfanz.errors import Rejected, Unavailable
from directfanz.operate.aws.promotion import Promotion
from tests.support.stand_in_host import stand_in

FROM, TO = "directfanz-staging/app", "directfanz-prod/app"
LAYER, CONFIG = b"a layer" * 1000, b'{"architecture":"arm64"}'
OCI = "application/vnd.oci.image"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with stand_in() as found:
        yield found


@pytest.fixture
def registry(endpoint: str) -> Iterator[Any]:
    client: Any = boto3.client(
        "ecr", region_name="us-east-1", endpoint_url=endpoint, aws_access_key_id="t", aws_secret_access_key="t"
    )
    for name in (FROM, TO):
        client.create_repository(repositoryName=name)
    yield client
    for name in (FROM, TO):
        client.delete_repository(repositoryName=name, force=True)
    client.close()


def _digest(content: bytes) -> str:
    return f"sha256:{sha256(content).hexdigest()}"


def _upload(registry: Any, content: bytes) -> None:
    upload = registry.initiate_layer_upload(repositoryName=FROM)["uploadId"]
    last = len(content) - 1
    told = {"repositoryName": FROM, "uploadId": upload}
    registry.upload_layer_part(**told, partFirstByte=0, partLastByte=last, layerPartBlob=content)
    registry.complete_layer_upload(**told, layerDigests=[_digest(content)])


def _manifest(kind: str, **content: object) -> str:
    return json.dumps({"schemaVersion": 2, "mediaType": f"{OCI}.{kind}.v1+json", **content})


def _pushed(registry: Any, version: str, content: bytes = LAYER) -> None:
    """As a build for one kind of machine does it."""
    for blob in (content, CONFIG):
        _upload(registry, blob)
    manifest = _manifest(
        "manifest",
        config={"mediaType": f"{OCI}.config.v1+json", "size": len(CONFIG), "digest": _digest(CONFIG)},
        layers=[{"mediaType": f"{OCI}.layer.v1.tar+gzip", "size": len(content), "digest": _digest(content)}],
    )
    registry.put_image(repositoryName=FROM, imageManifest=manifest, imageTag=version)


def _named(registry: Any, name: str, version: str) -> Any:
    return registry.batch_get_image(repositoryName=name, imageIds=[{"imageTag": version}])["images"]


@pytest.mark.property("P25")
def test_the_same_bytes_arrive_under_the_same_digest(registry: Any) -> None:
    _pushed(registry, "v1")
    digest = Promotion(registry, registry, FROM, TO).run("v1")
    (here,), (there,) = _named(registry, FROM, "v1"), _named(registry, TO, "v1")
    assert here["imageId"]["imageDigest"] == there["imageId"]["imageDigest"] == digest
    assert here["imageManifest"] == there["imageManifest"]
    told = registry.batch_check_layer_availability(repositoryName=TO, layerDigests=[_digest(LAYER), _digest(CONFIG)])
    assert len(told["layers"]) == 2
    assert Promotion(registry, registry, FROM, TO).run("v1") == digest, "once more changes nothing"


def test_a_version_is_one_image_for_ever(registry: Any) -> None:
    _pushed(registry, "v2")
    Promotion(registry, registry, FROM, TO).run("v2")
    registry.batch_delete_image(repositoryName=FROM, imageIds=[{"imageTag": "v2"}])
    _pushed(registry, "v2", b"another layer")
    with pytest.raises(Rejected, match="another image under the name v2"):
        Promotion(registry, registry, FROM, TO).run("v2")


def test_what_nobody_pushed_is_refused(registry: Any) -> None:
    with pytest.raises(Rejected, match="has no version v3"):
        Promotion(registry, registry, FROM, TO).run("v3")
    with pytest.raises(Unavailable, match="was not copied"):
        Promotion(registry, registry, "directfanz-staging/none", TO).run("v3")


def test_a_changed_layer_is_noticed(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _pushed(registry, "v4", b"a fourth")
    monkeypatch.setattr("directfanz.operate.aws.promotion._parts", lambda _: iter([b"something else"]))
    with pytest.raises(Rejected, match="not what its digest says"):
        Promotion(registry, registry, FROM, TO).run("v4")
    assert _named(registry, TO, "v4") == []
