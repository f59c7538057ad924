"""P28: every subdomain reaches its service, whatever the path; what belongs to a bucket or to nobody stays so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.local.edge import route_of
from directfanz.platform_toml import Platform
from tests.support.edge import Origin, RunningEdge, running_edge, unhurried

pytestmark = pytest.mark.property("P28")
SERVICES = ("web", "realtime", "streaming")
words = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
paths = st.lists(words, max_size=3).map(lambda names: "/" + "/".join(names))
queries = st.sampled_from(["", "?a=b", "?next=https://evil.example/ws"])


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, Origin]]:
    made = {name: Origin().start() for name in SERVICES}
    yield made
    for origin in made.values():
        origin.close()


@pytest.fixture(scope="module")
def edge(
    origins: dict[str, Origin], platform: Platform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningEdge]:
    services = {name: [origin.address] for name, origin in origins.items()}
    folder = tmp_path_factory.mktemp("edge")
    with running_edge(unhurried(platform), folder, services=services) as running:
        yield running


def asked(origins: dict[str, Origin], edge: RunningEdge, host: str, target: str) -> str | None:
    """Which service heard of it, and as what; None when none did."""
    for origin in origins.values():
        origin.seen.clear()
    edge.client.request("POST", target, headers={"Host": host})  # never kept, so always passed on
    heard = [(name, seen) for name, origin in origins.items() for seen in origin.seen]
    assert len(heard) <= 1
    for name, seen in heard:
        assert seen.target == target
        assert seen.headers["host"] == host
        return name
    return None


@given(path=paths, query=queries, port=st.sampled_from(["", ":8080"]))
@settings(max_examples=20, deadline=None)  # eight names each
def test_a_subdomain_reaches_its_service(
    path: str, query: str, port: str, origins: dict[str, Origin], edge: RunningEdge, platform: Platform
) -> None:
    domains, routes = platform.domains, platform.routes
    by_path = routes[route_of(routes, path)]
    expected = {
        domains.root: by_path.service,
        domains.api: by_path.service,
        domains.realtime: "realtime",
        domains.streaming: "streaming",
        "ws.localhost": "realtime",
        "stream.localhost": "streaming",
        "localhost": by_path.service,
        f"{domains.realtime}.evil.example": by_path.service,
    }
    for host, service in expected.items():
        if by_path.bucket or by_path.signed or by_path.local:
            service = None  # only read, or only with a signature, on every name
        assert asked(origins, edge, host + port, path + query) == service, host


def test_a_socket_opens_on_its_own_name_at_any_path(edge: RunningEdge, platform: Platform) -> None:
    for path in ("/ws", "/", "/socket"):
        head = f"GET {path} HTTP/1.1\r\nHost: {platform.domains.realtime}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        assert edge.first_line(head.encode()).startswith(b"HTTP/1.1 101 "), path


def test_what_is_hidden_is_hidden_on_every_name(edge: RunningEdge, platform: Platform) -> None:
    for host in (platform.domains.root, platform.domains.realtime, platform.domains.streaming, platform.domains.api):
        assert edge.get("/metrics", headers={"Host": host}).status_code == 404
