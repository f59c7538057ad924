"""What the edge keeps, for whom, and what happens when it is over. `tests/properties/test_edge_cache.py` has the generated cases."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.edge import Answer, Origin, RunningEdge, Seen, until

KEPT = ("Cache-Control", "public, max-age=30")


def counted(*headers: tuple[str, str], status: int = 200) -> Callable[[Seen], Answer]:
    """Every answer has another body, so that one sees whether it is a new one."""
    numbers = itertools.count(1)
    return lambda seen: Answer(status=status, headers=headers, body=f"{seen.target} {next(numbers)}".encode())


@pytest.fixture
def path(request: pytest.FixtureRequest) -> str:
    return f"/api/{request.node.name.replace('[', '-').strip(']').replace('/', '-')}"


def test_what_the_origin_offers_is_kept(edge: RunningEdge, origin: Origin, path: str) -> None:
    origin.answer = counted(KEPT)
    first, second = edge.get(path), edge.get(path)
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert first.text == second.text
    assert len(origin.seen) == 1
    assert second.headers["cache-control"] == "public, max-age=30"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize(
    "header", [("Cookie", "df_session=ada"), ("Cookie", "theme=dark"), ("Authorization", "Bearer x")]
)
def test_who_says_who_they_are_gets_an_answer_of_their_own(
    edge: RunningEdge, origin: Origin, path: str, header: tuple[str, str]
) -> None:
    origin.answer = counted(KEPT)
    stranger = edge.get(path)
    known = [edge.get(path, headers=dict([header])) for _ in range(2)]
    assert len({stranger.text, *(answer.text for answer in known)}) == 3
    assert origin.last.headers[header[0].lower()] == header[1]
    assert edge.get(path).text == stranger.text


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Cache-Control", "private, max-age=30"),),
        (("Cache-Control", "no-store"),),
        (("Cache-Control", "no-cache"),),
        (("Cache-Control", 'no-cache="Set-Cookie", max-age=30'),),
        (("Cache-Control", "PRIVATE"), ("Cache-Control", "max-age=30")),
        (KEPT, ("Set-Cookie", "df_session=ada")),
        (KEPT, ("Vary", "*")),
        (("Cache-Control", "max-age=0"),),
        (("Cache-Control", "max-age=soon"),),
        (("Cache-Control", "max-age=30, s-maxage=0"),),
        (("X-Accel-Expires", "30"),),
        (("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),),
        (("Expires", "0"),),
        (KEPT, ("Age", "30")),
    ],
    ids=str,
)
def test_what_is_not_offered_is_not_kept(
    edge: RunningEdge, origin: Origin, path: str, headers: tuple[tuple[str, str], ...]
) -> None:
    path = f"/api/not-kept-{abs(hash(headers))}"
    origin.answer = counted(*headers)
    assert edge.get(path).text != edge.get(path).text
    assert len(origin.seen) == 2


@pytest.mark.parametrize("status", [201, 206, 302, 303, 307, 400, 401, 403, 429, 500, 502, 503])
def test_failures_and_detours_are_not_kept(edge: RunningEdge, origin: Origin, path: str, status: int) -> None:
    origin.answer = counted(KEPT, status=status)
    for _ in range(2):
        assert edge.get(path).status_code == status
    assert len(origin.seen) == 2


@pytest.mark.parametrize("path", ["/", "/somebody", "/inbox", "/ws"])
def test_pages_are_never_kept(edge: RunningEdge, origin: Origin, path: str) -> None:
    origin.answer = counted(KEPT)
    assert edge.get(path).text != edge.get(path).text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_reading_is_kept(edge: RunningEdge, origin: Origin, path: str, method: str) -> None:
    origin.answer = counted(KEPT)
    edge.get(path)
    answers = {edge.client.request(method, path).text for _ in range(2)}
    assert len(answers) == 2


def test_head_and_get_share_what_is_kept(edge: RunningEdge, origin: Origin, path: str) -> None:
    origin.answer = counted(KEPT)
    assert edge.client.head(path).headers["x-cache"] == "MISS"
    assert edge.get(path).headers["x-cache"] == "HIT"
    assert [seen.method for seen in origin.seen] == ["GET"]


def test_a_query_makes_another_answer_only_where_the_policy_says_so(
    edge: RunningEdge, origin: Origin, path: str
) -> None:
    origin.answer = counted(KEPT)
    assert edge.get(f"{path}?page=1").text != edge.get(f"{path}?page=2").text
    assert edge.get(f"{path}?page=1").headers["x-cache"] == "HIT"
    assert edge.get("/public/a.png?size=1").text == edge.get("/public/a.png?size=2").text
    assert origin.last.target == "/directfanz-public/a.png"


def test_another_host_is_another_answer(edge: RunningEdge, origin: Origin, path: str) -> None:
    origin.answer = counted(KEPT)
    assert edge.get(path).text != edge.get(path, headers={"Host": "evil.example"}).text


def test_languages_are_kept_apart(edge: RunningEdge, origin: Origin, path: str) -> None:
    def speak(seen: Seen) -> Answer:
        return Answer(headers=(KEPT, ("Vary", "Accept-Language")), body=seen.headers["accept-language"].encode())

    origin.answer = speak
    for language in ("de", "fr", "de", "fr"):
        assert edge.get(path, headers={"Accept-Language": language}).text == language
    assert len(origin.seen) == 2


def test_many_who_ask_at_once_cost_one_question(edge: RunningEdge, origin: Origin) -> None:
    go = threading.Event()
    fresh = counted(KEPT)

    def slow(seen: Seen) -> Answer:
        go.wait(10)
        return fresh(seen)

    origin.answer = slow
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(httpx.get, f"{edge.url}/public/crowd.png", timeout=20) for _ in range(8)]
        until(lambda: bool(origin.seen))
        go.set()
        texts = {answer.result().text for answer in answers}
    assert len(texts) == 1
    assert len(origin.seen) == 1


def test_what_is_over_is_asked_again(edge: RunningEdge, origin: Origin, path: str) -> None:
    origin.answer = counted(("Cache-Control", "max-age=1, must-revalidate"))
    begun = time.monotonic()
    first = edge.get(path).text
    until(lambda: edge.get(path).text != first)
    assert 1 <= time.monotonic() - begun < 4
    assert len(origin.seen) == 2


def test_the_policy_bounds_what_the_origin_says(edge: RunningEdge, origin: Origin, path: str) -> None:
    origin.answer = counted(("Cache-Control", "max-age=31536000"))
    edge.get(path)
    assert edge.get(path).headers["cache-control"] == "max-age=31536000"
    lifetimes = [edge.kept(f"/api/ 127.0.0.1:{edge.port}{path}")]
    assert 58 <= lifetimes[0].fresh <= 60


@pytest.mark.parametrize(
    ("words", "stale"),
    [
        ("max-age=5", 30),  # the policy's
        ("max-age=5, stale-while-revalidate=7", 7),
        ("max-age=5, stale-while-revalidate=700", 60),
        ("max-age=5, must-revalidate", 0),
        ("max-age=5, stale-while-revalidate=7, proxy-revalidate", 0),
    ],
)
def test_how_long_an_old_answer_may_serve(edge: RunningEdge, origin: Origin, words: str, stale: int) -> None:
    path = f"/api/stale-{abs(hash(words))}"
    origin.answer = counted(("Cache-Control", words))
    edge.get(path)
    kept = edge.kept(f"/api/ 127.0.0.1:{edge.port}{path}")
    assert 4 <= kept.fresh <= 5
    assert (kept.updating, kept.failing) == (stale, stale)


def test_an_old_answer_serves_while_a_new_one_is_fetched(edge: RunningEdge, origin: Origin, path: str) -> None:
    answers = counted(("Cache-Control", "max-age=1"))
    origin.answer = answers
    first = edge.get(path).text
    go = threading.Event()

    def slow(seen: Seen) -> Answer:
        go.wait(10)
        return answers(seen)

    origin.answer = slow
    seen_stale = []

    def is_stale() -> bool:
        answer = edge.get(path)
        assert answer.text == first  # nobody waits for the slow origin
        if answer.headers["x-cache"] in ("STALE", "UPDATING"):
            seen_stale.append(answer)
        return bool(seen_stale)

    until(is_stale)
    go.set()
    until(lambda: edge.get(path).text != first)


@pytest.mark.parametrize(
    "broken", [Answer(hangs_up=True), Answer(status=500), Answer(status=503)], ids=["gone", "500", "503"]
)
def test_an_old_answer_serves_when_there_is_no_new_one(
    edge: RunningEdge, origin: Origin, path: str, broken: Answer
) -> None:
    origin.answer = counted(("Cache-Control", "max-age=1"))
    first = edge.get(path).text
    origin.answer = lambda seen: broken
    until(lambda: edge.get(path).status_code == 200 and len(origin.seen) > 1)
    answer = edge.get(path)
    assert (answer.status_code, answer.text) == (200, first)


def test_a_range_of_what_is_kept(edge: RunningEdge, origin: Origin) -> None:
    origin.answer = lambda seen: Answer(headers=(KEPT, ("Content-Type", "video/mp4")), body=bytes(range(100)))
    for expected in ("MISS", "HIT"):
        answer = edge.get("/public/film.mp4", headers={"Range": "bytes=10-19"})
        assert answer.headers["x-cache"] == expected
        assert (answer.status_code, answer.content) == (206, bytes(range(10, 20)))
        assert answer.headers["content-range"] == "bytes 10-19/100"
    assert edge.get("/public/film.mp4").headers["accept-ranges"] == "bytes"
    assert "range" not in origin.last.headers
    beyond = edge.get("/public/film.mp4", headers={"Range": "bytes=100-"})
    assert beyond.status_code == 416


def test_a_range_far_into_something_large_is_fetched_alone(edge: RunningEdge, origin: Origin) -> None:
    origin.answer = lambda seen: Answer(
        status=206, headers=(("Content-Range", "bytes 20000000-20000004/30000000"),), body=b"12345"
    )
    answer = edge.get("/public/large.mp4", headers={"Range": "bytes=20000000-20000004"})
    assert (answer.status_code, answer.text) == (206, "12345")
    assert origin.last.headers["range"] == "bytes=20000000-20000004"
    assert edge.get("/public/large.mp4", headers={"Range": "bytes=20000000-20000004"}).headers["x-cache"] != "HIT"


def test_not_modified_is_answered_from_what_is_kept(edge: RunningEdge, origin: Origin) -> None:
    origin.answer = lambda seen: Answer(headers=(KEPT, ("ETag", '"v1"')))
    assert edge.get("/public/etag.png").status_code == 200
    answer = edge.get("/public/etag.png", headers={"If-None-Match": '"v1"'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert len(origin.seen) == 1


def test_what_is_uploaded_cannot_act_on_our_pages(edge: RunningEdge, origin: Origin) -> None:
    theirs = (
        ("Content-Type", "text/html"),
        ("Content-Security-Policy", "script-src *"),
        ("Set-Cookie", "df_session=evil"),
        ("Access-Control-Allow-Origin", "*"),
        ("X-Amz-Meta-Secret", "1"),
        ("X-Amz-Request-Id", "1"),
    )
    origin.answer = lambda seen: Answer(headers=theirs, body=b"<script>alert(1)</script>")
    answer = edge.get("/public/evil.html")
    assert answer.headers.get_list("content-security-policy")[0].startswith("default-src 'none'; img-src 'self'")
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not answer.headers.keys() & {
        "set-cookie",
        "access-control-allow-origin",
        "x-amz-meta-secret",
        "x-amz-request-id",
    }


@pytest.mark.parametrize("path", ["/public/", "/public/folder/", "/public/%FF.png", f"/public/{'a' * 1100}"])
def test_a_bucket_is_no_list(edge: RunningEdge, origin: Origin, path: str) -> None:
    assert edge.get(path).status_code == 404
    assert not origin.seen


def test_a_bucket_is_only_read(edge: RunningEdge, origin: Origin) -> None:
    for method in ("PUT", "POST", "DELETE", "OPTIONS", "PATCH"):
        answer = edge.client.request(method, "/public/a.png")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert not origin.seen


@pytest.mark.parametrize(("status", "seen_status"), [(404, 404), (403, 403), (500, 503), (503, 503), (502, 503)])
def test_the_stores_own_errors_are_not_shown(edge: RunningEdge, origin: Origin, status: int, seen_status: int) -> None:
    origin.answer = lambda seen: Answer(
        status=status, headers=(("Content-Type", "application/xml"),), body=b"<Error>key</Error>"
    )
    answer = edge.get(f"/public/error-{status}.png", headers={"Accept": "text/html"})
    assert answer.status_code == seen_status
    assert "<Error>" not in answer.text
    assert "<h1>" in answer.text


def test_a_clients_words_to_the_store_do_not_pass(edge: RunningEdge, origin: Origin) -> None:
    edge.get(
        "/public/words.png?versionId=1&response-content-type=text/html&acl",
        headers={
            "Cookie": "a=1",
            "Authorization": "Bearer x",
            "X-Amz-Security-Token": "x",
            "Origin": "https://evil.example",
        },
    )
    heard = origin.last
    assert heard.target == "/directfanz-public/words.png"
    assert heard.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=edge/")
    assert not heard.headers.keys() & {"cookie", "x-amz-security-token", "origin", "x-edge-policy", "x-edge-target"}


def test_what_a_browser_was_given_an_address_for_passes_to_the_store(edge: RunningEdge, origin: Origin) -> None:
    address = "/directfanz-uploads/a%20b.bin?X-Amz-Algorithm=x&X-Amz-Signature=y"
    body = b"x" * 3_000_000
    answer = edge.client.put(address, content=body, headers={"Cookie": "df_session=1", "Authorization": "Bearer 1"})
    assert answer.status_code == 200
    heard = origin.last
    assert (heard.method, heard.target, heard.body) == ("PUT", address, body)
    assert heard.headers["host"] == f"127.0.0.1:{edge.port}"
    assert not heard.headers.keys() & {"cookie", "authorization"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/directfanz-uploads/a", 403),
        ("GET", "/directfanz-private/a?x=X-Amz-Signature=", 403),
        ("DELETE", "/directfanz-uploads/a?X-Amz-Signature=y", 405),
        ("POST", "/directfanz-uploads/a?X-Amz-Signature=y", 405),
    ],
)
def test_nothing_else_does(edge: RunningEdge, origin: Origin, method: str, path: str, status: int) -> None:
    assert edge.client.request(method, path).status_code == status
    assert not origin.seen


@pytest.mark.parametrize("path", ["/directfanz-media/a?X-Amz-Signature=y", "/directfanz-backup/a?X-Amz-Signature=y"])
def test_other_buckets_have_no_such_address(edge: RunningEdge, origin: Origin, path: str) -> None:
    edge.get(path)
    assert origin.last.headers["x-forwarded-host"]  # web was asked, which knows no such page
