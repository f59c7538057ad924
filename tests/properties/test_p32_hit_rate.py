"""P32: of what people look at, the edge serves at least its promised share from its cache, without asking the store.

Zipf traffic over signed links through the real edge: each person has links of their own, and all of them share what is kept.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from directfanz.kit.signing import UrlSigner, custom_policy, new_key_pair
from directfanz.local.edge import StorageKey
from directfanz.platform_toml import Platform
from tests.support.edge import Answer, Origin, RunningEdge, running_edge, unhurried

FILES, REQUESTS, PEOPLE = 50, 1500, 40


@pytest.fixture
def store() -> Iterator[Origin]:
    origin = Origin().start()
    origin.answer = lambda seen: Answer(
        200, (("ETag", '"x"'), ("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")), b"v" * 2000
    )
    yield origin
    origin.close()


def zipf(count: int, requests: int, seed: int) -> list[int]:
    weights = [1 / rank for rank in range(1, count + 1)]
    return random.Random(seed).choices(range(count), weights, k=requests)


def ask(edge: RunningEdge, signer: UrlSigner, wanted: list[int]) -> int:
    until = datetime.now(UTC) + timedelta(minutes=5)
    hits = 0
    for turn, number in enumerate(wanted):
        path = f"/media/{number:032x}/v/1/0.m4s"
        policy = custom_policy(f"{edge.url}/media/{number:032x}/v/*", until + timedelta(seconds=turn % PEOPLE))
        answer = edge.get(signer.sign_url_for(edge.url + path, policy))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == f"private, max-age={60}", "nobody between keeps it"
        hits += answer.headers["x-cache"] == "HIT"
    return hits


@pytest.mark.property("P32")
def test_the_edge_keeps_its_promise_on_zipf_traffic(platform: Platform, store: Origin, tmp_path: Path) -> None:
    private, public = new_key_pair()
    key = StorageKey(access_key="edge", secret_key="secret")
    with running_edge(
        unhurried(platform), tmp_path, public_keys={"K1": public}, storage_key=key, services={}, storage=store.address
    ) as edge:
        hits = ask(edge, UrlSigner("K1", private), zipf(FILES, REQUESTS, 7))
    promised = platform.slos["static_hit_rate"].target_percent
    assert promised is not None
    assert 100 * hits / REQUESTS > promised
    assert len(store.seen) <= FILES, "the store is asked once for each file, whoever asks"
