"""The parts of the edge's configuration that need no nginx."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import msgspec
import pytest

from directfanz.errors import ConfigurationError
from directfanz.local.edge import EdgeAddresses, StorageKey, readable_buckets, route_of, write_edge
from directfanz.local.edge.routes import bare_paths, hidden_paths, locations_of
from directfanz.local.edge.text import block, quoted
from directfanz.local.edge.write import MAX_LOG_BYTES
from directfanz.platform_toml import Bucket, Platform, Route

PLACES = EdgeAddresses(listen="127.0.0.1:8080", hop="127.0.0.1:8081", services={"web": ["127.0.0.1:8100"]})


def with_places(**changes: object) -> EdgeAddresses:
    fields = {name: getattr(PLACES, name) for name in EdgeAddresses.__slots__}
    return EdgeAddresses(**(fields | changes))


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/api", "/"),
        ("/api/", "/api/"),
        ("/api/v1", "/api/"),
        ("/ws", "/ws"),
        ("/ws/1", "/ws"),
        ("/wss", "/"),
        ("/live", "/"),
    ],
)
def test_the_longest_route_that_covers_a_path_wins(platform: Platform, path: str, route: str) -> None:
    assert route_of(platform.routes, path) == route


def test_a_route_inside_another(platform: Platform) -> None:
    routes = {path: Route(service="web", cache="private") for path in ("/", "/a/", "/a/b", "/a/b/c/")}
    assert [route_of(routes, path) for path in ("/a", "/a/x", "/a/b", "/a/b/x", "/a/b/c", "/a/b/c/d")] == [
        "/",
        "/a/",
        "/a/b",
        "/a/b",
        "/a/b",
        "/a/b/c/",
    ]
    assert bare_paths(routes) == {"/a": "/", "/a/b/c": "/a/b"}


def test_a_route_as_locations() -> None:
    assert locations_of("/api/") == ("/api/",)
    assert locations_of("/ws") == ("= /ws", "/ws/")


def test_what_is_hidden_and_what_is_read(platform: Platform) -> None:
    assert hidden_paths(platform) == ["/metrics", "/ready"]
    assert readable_buckets(platform) == ["media", "public", "static"]


def test_text_of_nginx() -> None:
    assert block("http", ["a;", *block("server", ["b;"])]) == [
        "http {",
        "    a;",
        "    server {",
        "        b;",
        "    }",
        "}",
    ]
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"listen": "8080"}, "'8080' is not an address"),
        ({"hop": "127.0.0.1:8081; include /etc/passwd"}, "is not an address"),
        ({"storage": "http://127.0.0.1:1"}, "is not an address"),
        ({"services": {"web": ["a b:1"]}}, "is not an address"),
        ({"services": {"wob": ["127.0.0.1:1"]}}, "platform.toml has no service wob"),
    ],
)
def test_addresses_that_make_no_sense_are_refused(
    platform: Platform, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        write_edge(platform, with_places(**changes), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("prefix", ["", "-a", "A", "a b", "a/", 'a";'])
def test_a_bucket_prefix_that_makes_no_bucket_is_refused(platform: Platform, tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot begin a bucket's name"):
        write_edge(platform, PLACES, tmp_path, bucket_prefix=prefix)


@pytest.mark.parametrize("path", ["/directfanz-uploads/", "/directfanz-uploads", "/directfanz-uploads/x/"])
def test_a_route_over_a_buckets_own_address_is_refused(platform: Platform, tmp_path: Path, path: str) -> None:
    routes = platform.routes | {path: Route(service="web", cache="private")}
    buckets = platform.buckets | {"uploads": Bucket(versioned=False, replicated=False, public=False, presigned=True)}
    changed = msgspec.structs.replace(platform, routes=routes, buckets=buckets)
    with pytest.raises(ConfigurationError, match=f"Route {path} covers addresses of a bucket"):
        write_edge(changed, PLACES, tmp_path)


def test_the_folder_holds_all_and_keeps_its_secrets(platform: Platform, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    folder = tmp_path / "edge"
    places = with_places(folders={"static": dist})
    key = StorageKey(access_key="edge", secret_key="hunter2")
    conf = write_edge(platform, places, folder, storage_key=key)
    assert conf == folder / "nginx.conf"
    assert {path.name for path in folder.iterdir()} == {"folders", "known.json", "nginx.conf", "njs", "temporary"}
    assert json.loads((folder / "known.json").read_text())["storage"]["secretKey"] == "hunter2"
    assert "hunter2" not in conf.read_text()
    for file in (conf, folder / "known.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (folder / "folders" / "static").readlink() == dist


def test_a_long_log_is_put_aside(platform: Platform, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    for size, kept in ((10, True), (MAX_LOG_BYTES + 1, False)):
        with log.open("wb") as file:
            file.truncate(size)
        write_edge(platform, PLACES, tmp_path)
        assert log.exists() == kept
    assert (tmp_path / "access.log.1").stat().st_size > MAX_LOG_BYTES


def test_writing_again_follows_what_changed(platform: Platform, tmp_path: Path) -> None:
    for name in ("one", "two", "two"):
        write_edge(platform, with_places(folders={"static": tmp_path / name}), tmp_path / "edge")
    assert (tmp_path / "edge" / "folders" / "static").readlink() == tmp_path / "two"
