"""The edge before the real store: media opens through the edge and in no other way."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from directfanz.backends.clock.system import SystemClock
from directfanz.kit.signing import UrlSigner, new_key_pair
from directfanz.local.edge import StorageKey, readable_buckets
from directfanz.local.engines.seaweedfs import Identity, SeaweedFS
from directfanz.local.logbook import LogBook
from directfanz.local.ports import Ports
from directfanz.local.supervisor import Supervisor
from directfanz.platform_toml import Platform
from tests.support.edge import RunningEdge, running_edge

PREFIX = "shop-"
APP = Identity(access_key="app", secret_key="app-secret")
FILM = bytes(range(256)) * 400


@dataclass(frozen=True)
class Shop:
    edge: RunningEdge
    endpoint: str
    signer: UrlSigner

    def s3(self, identity: Identity | StorageKey, endpoint: str | None = None) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=endpoint or self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=identity.access_key,
            aws_secret_access_key=identity.secret_key,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )

    def media(self, key: str) -> str:
        return self.signer.sign_url(f"{self.edge.url}/media/{key}", datetime.now(UTC) + timedelta(minutes=5))


def edge_identity(platform: Platform) -> Identity:
    buckets = [f"{PREFIX}{name}" for name in readable_buckets(platform)]
    actions = [f"{action}:{bucket}" for bucket in buckets for action in ("Read", "List")]
    return Identity(access_key="edge", secret_key="edge-secret", actions=tuple(actions))


@pytest.fixture(scope="module")
def store(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """On a loop in a thread: these tests ask like clients do, one after the other."""
    folder = tmp_path_factory.mktemp("store")
    ports = Ports(folder / "ports.json")
    ports.choose(dict.fromkeys(SeaweedFS.port_names(), 0))
    store = SeaweedFS(
        folder=folder / "data",
        run=folder / "run",
        ports={name: ports[name] for name in SeaweedFS.port_names()},
        identities={"app": APP, "edge": edge_identity(platform)},
    )
    ready, done = threading.Event(), threading.Event()

    async def hold() -> None:
        (folder / "logs").mkdir()
        logs = LogBook(folder / "logs")
        supervisor = Supervisor([replace(store.part(), stop_signal=signal.SIGKILL)], logs, SystemClock())
        supervisor.start()
        await asyncio.wait_for(supervisor.ready(), 60)
        ready.set()
        await asyncio.to_thread(done.wait)
        await supervisor.stop()
        logs.close()

    thread = threading.Thread(target=asyncio.run, args=(hold(),))
    thread.start()
    try:
        assert ready.wait(60)
        yield store
    finally:
        done.set()
        thread.join()
        ports.release()


@pytest.fixture(scope="module")
def shop(store: SeaweedFS, unhurried: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    private, public = new_key_pair()
    with running_edge(
        unhurried,
        tmp_path_factory.mktemp("edge"),
        public_keys={"K1": public},
        storage_key=StorageKey(access_key="edge", secret_key="edge-secret"),
        bucket_prefix=PREFIX,
        services={},
        storage=store.endpoint.removeprefix("http://"),
    ) as edge:
        shop = Shop(edge, store.endpoint, UrlSigner("K1", private))
        s3 = shop.s3(APP)
        for name in unhurried.buckets:
            s3.create_bucket(Bucket=PREFIX + name)
        s3.put_object(
            Bucket=f"{PREFIX}media", Key="ada/film.mp4", Body=FILM, ContentType="video/mp4", Metadata={"a": "b"}
        )
        s3.put_object(
            Bucket=f"{PREFIX}public",
            Key="logo.svg",
            Body=b"<svg/>",
            ContentType="image/svg+xml",
            CacheControl="max-age=60",
        )
        yield shop


def test_media_opens_with_a_signature(shop: Shop) -> None:
    answer = shop.edge.get(shop.media("ada/film.mp4"))
    assert (answer.status_code, answer.content) == (200, FILM)
    assert answer.headers["content-type"] == "video/mp4"
    assert not [name for name in answer.headers if name.startswith(("x-amz-", "x-seaweed", "seaweed-"))]


@pytest.mark.parametrize(("first", "last"), [(0, 99), (1000, 1000), (50_000, len(FILM) - 1)])
def test_a_part_of_it_also(shop: Shop, first: int, last: int) -> None:
    answer = shop.edge.get(shop.media("ada/film.mp4"), headers={"Range": f"bytes={first}-{last}"})
    assert (answer.status_code, answer.content) == (206, FILM[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(FILM)}"


@pytest.mark.parametrize(
    "key", ["a b+c&d=e.txt", "ümläut/🎉.txt", "100%.txt", "a'(b)*!~.txt", "x;y:z@,$.txt", "#?[].txt"]
)
def test_every_key_is_found(shop: Shop, key: str) -> None:
    shop.s3(APP).put_object(Bucket=f"{PREFIX}media", Key=key, Body=key.encode())
    assert shop.edge.get(shop.media(quote(key))).content == key.encode()


def test_what_is_not_there_is_not_found(shop: Shop) -> None:
    assert shop.edge.get(shop.media("nothing.mp4")).status_code == 404
    assert shop.edge.get("/public/nothing.png").status_code == 404


def test_what_is_public_needs_nothing(shop: Shop) -> None:
    first, second = shop.edge.get("/public/logo.svg"), shop.edge.get("/public/logo.svg")
    assert (first.status_code, first.content, second.headers["x-cache"]) == (200, b"<svg/>", "HIT")
    assert first.headers["cache-control"] == "max-age=60"
    assert shop.edge.client.head("/public/logo.svg").headers["content-type"].startswith("image/svg+xml")


@pytest.mark.parametrize("path", ["media/ada/film.mp4", "public/logo.svg", "media", ""])
def test_nobody_reads_the_store_past_the_edge(shop: Shop, path: str) -> None:
    assert httpx.get(f"{shop.endpoint}/{PREFIX if path else ''}{path}").status_code == 403


def test_the_edges_key_reads_what_it_shows_and_nothing_else(shop: Shop) -> None:
    s3 = shop.s3(StorageKey(access_key="edge", secret_key="edge-secret"))
    film = {"Bucket": f"{PREFIX}media", "Key": "ada/film.mp4"}
    assert s3.get_object(**film)["ContentLength"] == len(FILM)
    refused: list[tuple[Any, dict[str, Any]]] = [
        (s3.put_object, film | {"Body": b"x"}),
        (s3.delete_object, film),
        (s3.list_objects_v2, {"Bucket": f"{PREFIX}private"}),
        (s3.get_object, film | {"Bucket": f"{PREFIX}backup"}),
    ]
    for call, arguments in refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            call(**arguments)


def test_a_browser_uploads_and_reads_back_through_the_edge(shop: Shop) -> None:
    """Addresses are presigned for the site itself, so that a browser asks nobody else."""
    s3 = shop.s3(APP, endpoint=shop.edge.url)
    target = {"Bucket": f"{PREFIX}uploads", "Key": "ada/song one.wav"}
    put = s3.generate_presigned_url("put_object", Params=target | {"ContentType": "audio/wav"}, ExpiresIn=60)
    body = b"wave" * 1_000_000
    answer = httpx.put(put, content=body, headers={"Content-Type": "audio/wav", "Cookie": "df_session=x"}, timeout=30)
    assert answer.status_code == 200
    assert answer.headers["etag"]
    assert shop.s3(APP).get_object(**target)["Body"].read() == body
    get = s3.generate_presigned_url("get_object", Params=target, ExpiresIn=60)
    assert httpx.get(get, timeout=30).content == body
    assert (
        httpx.put(put.replace("song", "film"), content=b"x", headers={"Content-Type": "audio/wav"}).status_code == 403
    )
    assert httpx.get(get.replace("X-Amz-Expires=60", "X-Amz-Expires=6000")).status_code == 403
    assert httpx.get(get.partition("?")[0]).status_code == 403


def test_parts_of_a_large_upload_pass(shop: Shop) -> None:
    s3, direct = shop.s3(APP, endpoint=shop.edge.url), shop.s3(APP)
    target = {"Bucket": f"{PREFIX}uploads", "Key": "big.bin"}
    upload = direct.create_multipart_upload(**target)["UploadId"]
    url = s3.generate_presigned_url("upload_part", Params=target | {"UploadId": upload, "PartNumber": 1}, ExpiresIn=60)
    part = httpx.put(url, content=b"p" * 6_000_000, timeout=30)
    assert part.status_code == 200
    parts = {"Parts": [{"ETag": part.headers["etag"], "PartNumber": 1}]}
    direct.complete_multipart_upload(**target, UploadId=upload, MultipartUpload=parts)
    assert direct.head_object(**target)["ContentLength"] == 6_000_000


def test_a_store_that_is_gone_is_no_page_of_nginx(unhurried: Platform, tmp_path: Path) -> None:
    with running_edge(unhurried, tmp_path, services={}, storage="127.0.0.1:9") as edge:
        answer = edge.get("/public/logo.svg")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
