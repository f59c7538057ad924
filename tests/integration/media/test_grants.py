"""A grant of one folder at the real edge: its own files, and no other's by any spelling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from directfanz.backends.cdn.signed import KEY, KEY_ID, SignedLinks
from directfanz.backends.clock.system import SystemClock
from directfanz.kit.signing import new_key_pair
from directfanz.local.edge import StorageKey
from directfanz.platform_toml import Platform
from tests.support.edge import Answer, Origin, RunningEdge, running_edge, unhurried

MINE, OTHER = "/media/" + "a" * 32 + "/v/", "/media/" + "b" * 32 + "/v/1/0.m4s"
MINUTE = timedelta(seconds=60)


@dataclass
class Keys:
    known: dict[str, str]

    async def get(self, name: str) -> str:
        return self.known[name]

    async def put(self, name: str, value: str) -> None:
        self.known[name] = value

    async def names(self) -> list[str]:
        return list(self.known)


@pytest.fixture(scope="module")
def shown(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningEdge, SignedLinks]]:
    origin, (private, public) = Origin().start(), new_key_pair()
    origin.answer = lambda seen: Answer(200, (("ETag", '"x"'),), b"v" * 1000)
    folder: Path = tmp_path_factory.mktemp("edge")
    key = StorageKey(access_key="edge", secret_key="secret")
    with running_edge(
        unhurried(platform), folder, public_keys={"K1": public}, storage_key=key, services={}, storage=origin.address
    ) as edge:
        yield edge, SignedLinks(edge.url, Keys({KEY: private.decode(), KEY_ID: "K1"}), SystemClock())
    origin.close()


async def test_a_folder_opens_and_no_other_by_telling_of_it(shown: tuple[RunningEdge, SignedLinks]) -> None:
    edge, links = shown
    grant = await links.open_folder(MINE, MINUTE)
    assert edge.raw_get(f"{MINE}1/0.m4s?{grant.query}")[0] == 200
    cookie = "Cookie: " + "; ".join(f"{name}={value}" for name, value in grant.cookies.items())
    assert edge.raw_get(f"{MINE}1/0.m4s", cookie)[0] == 200
    tricks = (
        OTHER,
        f"{OTHER}?x={edge.url}{MINE}",
        f"{OTHER}?{MINE}x",
        f"{MINE}..%2f..{OTHER}",
        f"{MINE}../../..{OTHER}",
    )
    for trick in tricks:
        joiner = "&" if "?" in trick else "?"
        assert edge.raw_get(f"{trick}{joiner}{grant.query}")[0] >= 400, trick
        assert edge.raw_get(trick, cookie)[0] >= 400, trick


async def test_an_original_is_saved_under_its_name_and_no_other(shown: tuple[RunningEdge, SignedLinks]) -> None:
    edge, links = shown
    path = "/media/" + "c" * 32 + "/o/film.mp4"
    grant = await links.open_file(path, MINUTE, save_as='Nächte "live".mp4')
    answer = edge.get(grant.url)
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''N%C3%A4chte%20%22live%22.mp4")
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert edge.get(grant.url.replace("live", "dead")).status_code == 403


async def test_a_link_that_is_over_says_so_to_people_and_to_programs(shown: tuple[RunningEdge, SignedLinks]) -> None:
    edge, _ = shown
    assert edge.get(OTHER).json()["error"]["code"] == "link_missing"
    page = edge.get(OTHER, headers={"Accept": "text/html"})
    assert page.status_code == 403
    assert "Open it from the page where you found it" in page.text
