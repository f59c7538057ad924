"""Whatever routes are declared, the real edge takes each request to the one that covers it best."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.local.edge import route_of
from directfanz.platform_toml import CachePolicy, Platform, Route
from tests.support.edge import Origin, running_edge, unhurried

MOST = 6
parts = st.sampled_from(["a", "b", "ab", "a.b", "x-y", "~c"])
folders = st.lists(parts, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
declared = st.lists(st.tuples(folders, st.sampled_from(["", "/"])), max_size=MOST - 1, unique_by=lambda pair: pair[0])
asked = st.lists(st.tuples(folders, st.sampled_from(["", "/", "x", "/x", "?q=/a/b", "/b?x"])), min_size=4, max_size=8)
policies = st.builds(
    CachePolicy,
    ttl_seconds=st.just(0),
    max_seconds=st.sampled_from([0, 0, 60]),
    compress=st.booleans(),
)


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, Origin]]:
    made = {f"service{number}": Origin().start() for number in range(MOST)}
    yield made
    for origin in made.values():
        origin.close()


@given(declared, asked, st.lists(policies, min_size=MOST, max_size=MOST), st.booleans())
@settings(max_examples=25, deadline=None)
def test_each_request_finds_its_route(
    platform: Platform,
    origins: dict[str, Origin],
    declared: list[tuple[str, str]],
    asked: list[tuple[str, str]],
    policies: list[CachePolicy],
    websocket: bool,
) -> None:
    paths = ["/", *(folder + ending for folder, ending in declared)]
    services = dict(zip(origins, paths, strict=False))
    routes = {
        path: Route(service=name, cache=f"p{index}", websocket=websocket and policies[index].max_seconds == 0)
        for index, (name, path) in enumerate(services.items())
    }
    changed = msgspec.structs.replace(
        unhurried(platform),
        routes=routes,
        services=dict.fromkeys(origins, platform.services["web"]),
        cache_policies={f"p{index}": policy for index, policy in enumerate(policies)},
    )
    addresses = {name: [origin.address] for name, origin in origins.items()}
    with TemporaryDirectory() as folder, running_edge(changed, Path(folder), services=addresses) as edge:
        for path, ending in asked:
            for origin in origins.values():
                origin.seen.clear()
            assert edge.get(path + ending).status_code == 200
            best = route_of(routes, (path + ending).partition("?")[0])
            assert [services[name] for name, origin in origins.items() if origin.seen] == [best]
