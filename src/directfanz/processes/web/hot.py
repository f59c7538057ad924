"""The reads that are asked for most, answered before the router.

They keep every convention of the others: the frame gives them their id, headers, measurements and log line, errors look
the same, and a handler of the same signature describes them to OpenAPI. What they leave out is what a framework does for
any route that could be anything. Figures: `docs/performance.md`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from directfanz.backends import Backends
from directfanz.backends.cache.response_cache import Kept, ResponseCache, answer_key
from directfanz.domains.accounts.repository.people import newest_people
from directfanz.http.answers import JSON, Answer
from directfanz.http.arrival import Arrival
from directfanz.http.etags import etag_of, matches
from directfanz.http.frame import Direct
from directfanz.http.headers import REVALIDATE, VARY
from directfanz.http.paging import Paged, cursor_key
from directfanz.kit.paging import page_of

FIRST_PAGE_SECONDS = 5.0
_ETAG_BYTES = 26
_ENCODE = msgspec.json.Encoder().encode
_KEPT = msgspec.msgpack.Decoder(Kept).decode


class People:
    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._database = backends.database
        self._cache = backends.cache
        self._answers = ResponseCache(backends.cache, backends.clock, backends.telemetry)
        self._key = answer_key("people", "")
        self._cursor_key = cursor_key(backends)

    async def newest(self, arrival: Arrival) -> Answer:
        if not arrival.query:
            return await self._first(arrival)
        body = await self._make()
        return _answer(arrival, body, etag_of(body))

    async def _first(self, arrival: Arrival) -> Answer:
        (raw,) = await self._cache.get_many([self._key])
        if raw is not None:
            kept = _KEPT(raw)
            tagged = kept.body
        else:
            tagged = await self._answers.get_or_make("people", "", self._tagged, ttl_seconds=FIRST_PAGE_SECONDS)
        return _answer(arrival, tagged[_ETAG_BYTES:], tagged[:_ETAG_BYTES])

    async def _tagged(self) -> bytes:
        body = await self._make()
        return etag_of(body) + body

    async def _make(self) -> bytes:
        rows = await newest_people(self._database, None, 21)
        page = page_of(rows, 20, self._cursor_key, "people", lambda p: (p.id,))
        return _ENCODE(Paged(page.items, page.next))


def _answer(arrival: Arrival, body: bytes, etag: bytes) -> Answer:
    wanted = arrival.head.get(b"if-none-match")
    headers = [(b"etag", etag), REVALIDATE, VARY]
    if wanted is not None and matches(wanted, etag):
        return 304, headers, b""
    return 200, [JSON, *headers], body


def hot_reads(backends: Backends) -> Mapping[str, Direct]:
    people = People(backends)
    return {"/api/v1/people": people.newest}
