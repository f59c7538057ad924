"""Headers as a list and headers as finished lines leave as the same answer."""

from __future__ import annotations

from typing import Any

import pytest

from directfanz.http.arrival import Arrival
from directfanz.http.headers import SecurityHeaders
from directfanz.http.reply import Reply, lines_in, lines_of
from tests.unit.http.test_headers import SETTINGS

HEADERS = [(b"content-type", b"application/json"), (b"etag", b'"x"'), (b"cache-control", b"private, no-cache")]


class Out:
    def __init__(self) -> None:
        self.messages: list[Any] = []

    async def send(self, message: Any) -> None:
        self.messages.append(message)


def reply(out: Out) -> Reply:
    arrival = Arrival("id-00000001", "GET", "/api/v1/x", b"", {}, "192.0.2.1", 0.0)
    backends: Any = None  # asked only for notices, which an API has not
    return Reply(arrival, out.send, SecurityHeaders(SETTINGS), backends, closing=False)


@pytest.mark.parametrize(("status", "body"), [(200, b'{"a":1}'), (304, b"")])
async def test_as_lines_or_one_by_one_the_headers_are_the_same(status: int, body: bytes) -> None:
    listed, lines = Out(), Out()
    await reply(listed).whole(status, HEADERS, body)
    await reply(lines).whole(status, lines_of(HEADERS), body)
    assert listed.messages == lines.messages
    start, rest = listed.messages
    assert (start["status"], rest["body"]) == (status, body)
    assert (b"content-length" in dict(start["headers"])) is (status == 200)


def test_an_answer_that_says_nothing_of_keeping_is_not_kept() -> None:
    assert dict(lines_in(lines_of([(b"a", b"b")]))) == {b"a": b"b", b"cache-control": b"private, no-store"}


@pytest.mark.parametrize("value", [b"a\r\nset-cookie: x=1", b"a\nb", b"a\rb"])
def test_no_value_can_smuggle_a_header_in(value: bytes) -> None:
    with pytest.raises(ValueError, match="line break"):
        lines_of([(b"etag", value)])
