"""Which changes are let in by where the browser says they come from, and what a request may look like at all."""

from __future__ import annotations

import pytest

from directfanz.errors import InvalidInput, NotSignedIn
from directfanz.http.arrival import Arrival
from directfanz.http.gate import CrossSite, bearer_in, cookies_in, refuse_forgery, refuse_unprintable

SITE = b"https://directfanz.test"
COOKIE = {"df_session": "x"}


def arrival(path: str, head: dict[bytes, bytes], cookies: dict[str, str]) -> Arrival:
    made = Arrival("id", "POST", path, b"", head, "192.0.2.1", 0.0)
    made.cookies = cookies
    return made


@pytest.mark.parametrize("path", ["/settings", "/api/v1/profile"])
@pytest.mark.parametrize("cookies", [COOKIE, {}])
@pytest.mark.parametrize(
    "head",
    [
        {b"sec-fetch-site": b"same-origin"},
        {b"sec-fetch-site": b"none"},
        {b"origin": SITE},
        {b"sec-fetch-site": b"same-origin", b"origin": b"null"},
    ],
)
def test_our_own_pages_may_change_things(path: str, cookies: dict[str, str], head: dict[bytes, bytes]) -> None:
    refuse_forgery(arrival(path, head, cookies), SITE)


@pytest.mark.parametrize("path", ["/settings", "/api/v1/profile"])
@pytest.mark.parametrize("cookies", [COOKIE, {}])
@pytest.mark.parametrize(
    "head",
    [
        {b"sec-fetch-site": b"cross-site"},
        {b"sec-fetch-site": b"same-site"},
        {b"sec-fetch-site": b"nonsense"},
        {b"origin": b"https://evil.test"},
        {b"origin": b"null"},
        {b"origin": SITE + b".evil.test"},
        {b"origin": b"http://directfanz.test"},
        {b"sec-fetch-site": b"cross-site", b"origin": SITE},
    ],
)
def test_nobody_elses_page_may(path: str, cookies: dict[str, str], head: dict[bytes, bytes]) -> None:
    with pytest.raises(CrossSite):
        refuse_forgery(arrival(path, head, cookies), SITE)


def test_silence_is_a_programs_only_where_there_is_no_cookie_and_no_page() -> None:
    refuse_forgery(arrival("/api/v1/profile", {}, {}), SITE)
    for path, cookies in (("/api/v1/profile", COOKIE), ("/sign-in", {}), ("/settings", COOKIE)):
        with pytest.raises(CrossSite):
            refuse_forgery(arrival(path, {}, cookies), SITE)


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [("/a\0b", b"", None), ("/", b"q=a%00b", "q"), ("/", b"a=1&na%00me=2", "name"), ("/", b"q=\0", "q"), ("/", b"%00", "")],
)  # fmt: skip
def test_a_nul_in_an_address_is_refused_and_its_parameter_named(path: str, query: bytes, field: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        refuse_unprintable(path, query)
    assert [detail.field for detail in caught.value.details] == ([field] if field is not None else [])


def test_an_address_may_hold_any_other_text() -> None:
    refuse_unprintable("/people/zoë %", b"q=%E2%82%AC&x=%&y=%zz&z=%u0000")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (b"a=1; b=2", {"a": "1", "b": "2"}),
        (b'a="1"', {"a": "1"}),
        (b"a=1; a=2", {"a": "1"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"junk; ;=;a=1", {"a": "1", "junk": "", "": ""}),
        (b"\xff=\xfe", {"ÿ": "þ"}),
    ],
)
def test_cookies_are_read_from_whatever_comes(header: bytes, found: dict[str, str]) -> None:
    assert cookies_in(header) == found


def test_only_a_bearer_token_is_an_authorization() -> None:
    assert bearer_in(None) is None
    assert bearer_in(b"Bearer abc") == bearer_in(b"bearer  abc ") == "abc"
    for header in (b"", b"Basic YTpi", b"Bearer", b"Bearer ", b"abc"):
        with pytest.raises(NotSignedIn):
            bearer_in(header)
