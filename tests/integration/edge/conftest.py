"""One edge for the tests that only ask; its origin is every service, the store and the mail catcher."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from directfanz.kit.signing import UrlSigner, new_key_pair
from directfanz.platform_toml import Platform
from tests.support.edge import Origin, RunningEdge, hello, running_edge, unhurried

KEY_ID = "K2JCJMDEHXQW5F"


@dataclass(frozen=True)
class Stand:
    edge: RunningEdge
    origin: Origin
    signer: UrlSigner
    private_key: bytes


@pytest.fixture(scope="session", name="unhurried")
def unhurried_platform(platform: Platform) -> Platform:
    return unhurried(platform)


@pytest.fixture(scope="session")
def front_end(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist $uri")
    (folder / "assets").mkdir()
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text("{}")
    (folder / "assets" / "app-D1a_b2-c.js").write_text("export const a = 1;\n" * 200)
    (folder / "robots.txt").write_text("User-agent: *\n")
    return folder


@pytest.fixture(scope="module")
def stand(unhurried: Platform, front_end: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    private, public = new_key_pair()
    origin = Origin().start()
    try:
        with running_edge(
            unhurried,
            tmp_path_factory.mktemp("edge"),
            public_keys={KEY_ID: public},
            services={name: [origin.address] for name in ("web", "realtime", "streaming")},
            storage=origin.address,
            mail=origin.address,
            folders={"static": front_end},
        ) as edge:
            yield Stand(edge, origin, UrlSigner(KEY_ID, private), private)
    finally:
        origin.close()


@pytest.fixture
def edge(stand: Stand) -> RunningEdge:
    return stand.edge


@pytest.fixture
def origin(stand: Stand) -> Origin:
    stand.origin.seen.clear()
    stand.origin.answer = hello
    return stand.origin
