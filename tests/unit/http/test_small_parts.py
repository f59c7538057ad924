"""Notices, zones, paths to come back to, versions, sealed answers, bodies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from directfanz.errors import InvalidInput, PreconditionFailed, TooLarge
from directfanz.http.arrival import Arrival, zone_named
from directfanz.http.assets import Assets
from directfanz.http.bodies import BoundedBody
from directfanz.http.errors import ClientGone
from directfanz.http.etags import etag_of, matches, require_match
from directfanz.http.idempotency import require_key
from directfanz.http.idempotency.sealing import Kept, open_kept, seal
from directfanz.http.limits import rate_limit
from directfanz.http.notices import COOKIE, Notice, notice_cookie, read_notices
from directfanz.http.pages import local_path
from directfanz.http.templates import since
from directfanz.kit.signing import TokenSigner

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKENS = TokenSigner("a key for tests that nobody needs to guess")


def arrival(head: dict[bytes, bytes] | None = None) -> Arrival:
    return Arrival("id", "GET", "/", b"", head or {}, "192.0.2.1", 0.0)


def after(first: Arrival) -> Arrival:
    """The same browser's next request."""
    header = notice_cookie(first, TOKENS, NOW, secure=True)
    following = arrival()
    following.cookies = {COOKIE: header.split(b"=", 1)[1].split(b";")[0].decode()} if header else {}
    return following


def test_a_notice_is_shown_by_the_next_page_and_then_gone() -> None:
    form = arrival()
    form.notices.append(("done", "Saved <b>it</b>."))
    page = after(form)
    assert read_notices(page, TOKENS, NOW) == [Notice("done", "Saved <b>it</b>.")]
    cleared = notice_cookie(page, TOKENS, NOW, secure=False)
    assert cleared is not None
    assert cleared.startswith(b"df_notice=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax")


def test_a_notice_lives_minutes_and_cannot_be_made_up() -> None:
    form = arrival()
    form.notices.append(("done", "Saved."))
    page = after(form)
    assert read_notices(page, TOKENS, NOW + timedelta(minutes=6)) == []
    page.cookies = {COOKIE: page.cookies[COOKIE][:-2] + "xx"}
    assert read_notices(page, TOKENS, NOW) == []


def test_without_notices_there_is_no_cookie() -> None:
    page = arrival()
    assert read_notices(page, TOKENS, NOW) == []
    assert notice_cookie(page, TOKENS, NOW, secure=True) is None


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../../etc/passwd", "Europe/../../x", "No/Where", "x" * 65, "a\0b"]
)
def test_a_zone_is_none_unless_it_is_one(name: str) -> None:
    assert zone_named(name) is None


def test_a_zone_is_known_by_its_name() -> None:
    zone = zone_named("Europe/Vienna")
    assert zone is not None
    assert zone.key == "Europe/Vienna"


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "settings",
        "//evil.test",
        "/\\evil.test",
        "https://evil.test",
        "/\t/evil.test",
        "/a\nb",
        "/" + "a" * 500,
    ],
)
def test_nobody_is_led_away_from_the_site(path: str | None) -> None:
    assert local_path(path, "/home") == "/home"


def test_a_path_of_ours_is_gone_back_to() -> None:
    assert local_path("/settings?tab=1#x") == "/settings?tab=1#x"


@pytest.mark.parametrize(
    ("header", "same"),
    [
        (b'"a"', True),
        (b'W/"a"', True),
        (b'"b", W/"a"', True),
        (b"*", True),
        (b'"b"', False),
        (b"a", False),
        (b"", False),
    ],
)
def test_a_version_is_found_in_if_none_match(header: bytes, same: bool) -> None:
    assert matches(header, b'"a"') is same


class Request:
    def __init__(self, if_match: str | None) -> None:
        self.headers = {} if if_match is None else {"if-match": if_match}


def test_a_change_names_the_version_it_changes() -> None:
    now = etag_of(b'{"a":1}').decode()
    for fine in (None, "*", now, f'"x", {now}'):
        require_match(Request(fine), {"a": 1})  # type: ignore[arg-type]
    for other in ('"x"', f"W/{now}", ""):
        with pytest.raises(PreconditionFailed):
            require_match(Request(other), {"a": 1})  # type: ignore[arg-type]


def test_a_kept_answer_opens_with_the_clients_key_only() -> None:
    kept = Kept(201, [(b"location", b"/x")], b'{"secret":"s3cr3t"}')
    sealed = seal(b"ours", b"theirs", kept)
    assert b"s3cr3t" not in sealed
    assert open_kept(b"ours", b"theirs", sealed) == kept
    for secret, key in ((b"ours", b"another"), (b"another", b"theirs")):
        with pytest.raises(InvalidTag):
            open_kept(secret, key, sealed)


@pytest.mark.parametrize("key", [b"", b"a b", b"a\x00", "é".encode(), b"x" * 256, b"\n"])
def test_an_idempotency_key_is_visible_ascii(key: bytes) -> None:
    with pytest.raises(InvalidInput):
        require_key(key)


def test_a_limit_says_one_rate() -> None:
    assert rate_limit("a", per_hour=5)["rate_limit"].rate.seconds == 3600
    with pytest.raises(ValueError, match="per_minute or per_hour"):
        rate_limit("a")
    with pytest.raises(ValueError, match="per_minute or per_hour"):
        rate_limit("a", per_minute=1, per_hour=1)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "just now"),
        (-30, "just now"),
        (-120, None),
        (60, "1 minute ago"),
        (7_300, "2 hours ago"),
        (6 * 86_400, "6 days ago"),
        (8 * 86_400, None),
    ],
)
def test_the_last_week_is_told_in_words(seconds: int, words: str | None) -> None:
    assert since(NOW - timedelta(seconds=seconds), NOW) == words


async def pieces(*bodies: bytes, limit: int, announced: bytes | None = None) -> list[Any]:
    waiting = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    waiting[-1]["more_body"] = False

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    asked = arrival({} if announced is None else {b"content-length": announced})
    body = BoundedBody(asked, receive, limit)
    return [await body() for _ in bodies]


async def test_a_body_is_counted_as_it_comes() -> None:
    assert len(await pieces(b"12345", b"67890", limit=10)) == 2
    with pytest.raises(TooLarge):
        await pieces(b"12345", b"678901", limit=10)
    with pytest.raises(TooLarge):
        await pieces(b"", limit=10, announced=b"11")
    with pytest.raises(TooLarge):
        await pieces(b"x" * 11, limit=10, announced=b"3")  # a lie


async def test_who_hangs_up_midway_is_gone() -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGone):
        await BoundedBody(arrival(), receive, 10)()


def test_only_built_files_are_served(tmp_path: Path) -> None:
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "assets" / "app-1.js").write_text("1")
    (tmp_path / "secret").write_text("2")
    assets = Assets(tmp_path / "dist")
    assert assets.read("assets/app-1.js") == b"1"
    for path in ("../secret", "assets/../../secret", "/etc/passwd", "assets", "", ".vite/manifest.json", "assets/none"):
        assert assets.read(path) is None


def test_a_page_names_the_built_file(tmp_path: Path) -> None:
    manifest = tmp_path / ".vite" / "manifest.json"
    manifest.parent.mkdir()
    manifest.write_text(
        '{"src/app.ts": {"file": "assets/app-1.js", "name": "app", "src": "src/app.ts", "css": ["assets/app-2.css"]},'
        ' "src/icon.svg": {"file": "assets/icon-3.svg", "src": "src/icon.svg"}}'
    )
    assets = Assets(tmp_path)
    assert [assets.url(name) for name in ("app.js", "app.css", "icon.svg", "none.png")] == [
        "/static/assets/app-1.js",
        "/static/assets/app-2.css",
        "/static/assets/icon-3.svg",
        "/static/none.png",
    ]
