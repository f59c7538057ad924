"""The reads that are asked for most, answered before the router.

They keep every convention of the others: the frame gives them their id, headers, measurements and log line, errors look
the same, and a handler of the same signature describes them to OpenAPI; a test holds the two answers side by side. What
they leave out is what a framework does for any route that could be anything. Figures: `docs/performance.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from struct import Struct
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.cache.response_cache import Kept, ResponseCache, answer_key
from directfanz.domains.accounts.models import Person
from directfanz.domains.accounts.service import profile
from directfanz.domains.accounts.service.authentication import caller_remembered, session_key
from directfanz.errors import Unavailable
from directfanz.http.answers import JSON, Answer
from directfanz.http.arrival import Arrival
from directfanz.http.caller import SESSION_COOKIE, Caller, caller_in
from directfanz.http.etags import etag_of, matches
from directfanz.http.gate import Gate, cookies_in, refuse_unprintable
from directfanz.http.headers import REVALIDATE, VARY
from directfanz.http.paging import PageAsk, Paged, cursor_key, next_link, page_in, position_at
from directfanz.kit.paging import page_of
from directfanz.processes.web.session import view_of
from directfanz.processes.web.visit import Glance, HotRead

PEOPLE, PERSON, SESSION = "/api/v1/people", "/api/v1/people/{handle}", "/api/v1/session"
LISTING = "people"
# Whoever changes how they look is seen as they were for so long, on the first page alone.
FIRST_PAGE_SECONDS = 5.0
COOKIES_KNOWN = SESSIONS_SHOWN = 4_096
_ETAG_BYTES = len(etag_of(b""))
_ETAG_LINE = b"etag: "
_REST_OF_HEAD = b"\r\n" + b"".join(b"%b: %b\r\n" % header for header in (REVALIDATE, VARY))
_JSON_LINE = b"%b: %b\r\n" % JSON
# Where the headers of a kept page end and its body begins.
_SIZE = Struct("!H")
_ENCODE = msgspec.json.Encoder().encode
_DECODE_KEPT = msgspec.msgpack.Decoder(Kept).decode
_COOKIE = SESSION_COOKIE.encode() + b"="


def hot_reads(backends: Backends, gate: Gate) -> Mapping[str, HotRead]:
    reads = HotReads(backends, gate)
    return {
        PEOPLE: HotRead(reads.people, Glance(reads.people_keys, reads.people_kept)),
        PERSON: HotRead(reads.person),
        SESSION: HotRead(reads.session, Glance(reads.session_keys, reads.session_kept)),
    }


class HotReads:
    def __init__(self, backends: Backends, gate: Gate) -> None:
        self._backends = backends
        self._gate = gate
        self._cache = backends.cache
        self._answers = ResponseCache(backends.cache, backends.clock, backends.telemetry)
        self._hit = backends.telemetry.counter("cache_reads_total").labelled(outcome="hit")
        self._first_key = answer_key(LISTING, "")
        self._cursor_key = cursor_key(backends)
        self._now = backends.clock.now
        # A browser sends the same cookies each time; what they say of the session's key never changes.
        self._session_key = lru_cache(COOKIES_KNOWN)(self._find_session_key)
        self._sessions: dict[bytes, tuple[bytes, bytes]] = {}
        # The page that the cache gave last, as it came and taken apart.
        self._last_page: tuple[bytes, float, bytes, bytes] = b"", 0.0, b"", b""

    async def people(self, arrival: Arrival) -> Answer:
        if not arrival.query and b"authorization" not in arrival.head:
            return await self._first_people(arrival)
        await self._recognise(arrival)
        asked = page_in(arrival.query)
        page = await self._page(asked)
        body = _ENCODE(page)
        link = next_link(PEOPLE, asked.limit, page.next) if page.next else None
        return _answer(arrival, _head(body, link), body)

    async def person(self, arrival: Arrival) -> Answer:
        await self._recognise(arrival)
        handle = arrival.path[arrival.path.rfind("/") + 1 :]
        body = _ENCODE(await profile.person_called(self._backends.database, handle))
        return _answer(arrival, _head(body), body)

    async def session(self, arrival: Arrival) -> Answer:
        await self._recognise(arrival)
        return _answer(arrival, *_session_shown(caller_in(arrival)))

    # --- at a glance ---

    def session_keys(self, arrival: Arrival) -> tuple[str] | None:
        key = self._glance_key(arrival)
        return (key,) if key else None

    def session_kept(self, arrival: Arrival, found: Sequence[bytes | None]) -> Answer | None:
        entry = found[0]
        caller = self._caller_kept(arrival, entry, self._now().timestamp())
        if entry is None or caller is None:
            return None
        return _answer(arrival, *(self._sessions.get(entry) or self._show(entry, caller)))

    def _show(self, entry: bytes, caller: Caller) -> tuple[bytes, bytes]:
        """The same entry comes with each request of somebody who is here, and it says all that is shown."""
        if len(self._sessions) >= SESSIONS_SHOWN:
            self._sessions.clear()
        self._sessions[entry] = shown = _session_shown(caller)
        return shown

    def people_keys(self, arrival: Arrival) -> tuple[str, ...] | None:
        key = self._glance_key(arrival)
        return key if key is None else (key, self._first_key) if key else (self._first_key,)

    def people_kept(self, arrival: Arrival, found: Sequence[bytes | None]) -> Answer | None:
        page, moment = found[-1], self._now().timestamp()
        if page is None or (len(found) > 1 and self._caller_kept(arrival, found[0], moment) is None):
            return None
        if page != self._last_page[0]:
            try:
                kept = _DECODE_KEPT(page)
            except msgspec.DecodeError:  # another version's
                return None
            self._last_page = page, kept.fresh_until, *_taken_apart(kept.body)
        _, fresh_until, head, body = self._last_page
        if moment >= fresh_until:
            return None
        self._hit()
        return _answer(arrival, head, body)

    def _glance_key(self, arrival: Arrival) -> str | None:
        """Of the session; empty for a stranger. None: what came with the request wants more than a glance."""
        head = arrival.head
        if arrival.query or b"authorization" in head:
            return None
        return self._session_key(head.get(b"cookie", b"")) or ""

    def _caller_kept(self, arrival: Arrival, entry: bytes | None, moment: float) -> Caller | None:
        arrival.caller = caller_remembered(entry, moment, arrival.address, arrival.user_agent)
        return arrival.caller

    # --- with patience ---

    async def _recognise(self, arrival: Arrival) -> None:
        """A session that the cache knows, in one read; anything else goes through the gate."""
        head = arrival.head
        if b"authorization" in head:
            await self._gate.admit(arrival)
            return
        refuse_unprintable(arrival.path, arrival.query)
        key = self._session_key(head.get(b"cookie", b""))
        if key is None:
            return
        try:
            entry = await self._cache.get(key)
        except Unavailable:
            entry = None
        if self._caller_kept(arrival, entry, self._now().timestamp()) is None:
            await self._gate.admit(arrival)

    async def _first_people(self, arrival: Arrival) -> Answer:
        await self._recognise(arrival)
        made = await self._answers.get_or_make(LISTING, "", self._first_page, ttl_seconds=FIRST_PAGE_SECONDS)
        return _answer(arrival, *_taken_apart(made))

    def _find_session_key(self, cookies: bytes) -> str | None:
        cookie = cookies_in(cookies).get(SESSION_COOKIE) if _COOKIE in cookies else None
        return session_key(self._backends, cookie) if cookie else None

    async def _first_page(self) -> bytes:
        """Kept with its headers, which say nothing of who asks."""
        page = await self._page(PageAsk())
        body = _ENCODE(page)
        head = _head(body, next_link(PEOPLE, PageAsk().limit, page.next) if page.next else None)
        return _SIZE.pack(_SIZE.size + len(head)) + head + body

    async def _page(self, asked: PageAsk) -> Paged[Person]:
        cursor = asked.cursor
        before = None if cursor is None else position_at(self._cursor_key, LISTING, cursor, tuple[UUID])[0]
        rows = await profile.newest_people(self._backends.database, before, asked.limit + 1)
        page = page_of(rows, asked.limit, self._cursor_key, LISTING, lambda person: (person.id,))
        return Paged(page.items, page.next)


def _head(body: bytes, link: str | None = None) -> bytes:
    """The lines that an unchanged answer (304) carries too; `_etag_in` knows where the version stands."""
    head = _ETAG_LINE + etag_of(body) + _REST_OF_HEAD
    return head if link is None else b"%blink: %b\r\n" % (head, link.encode())


def _session_shown(caller: Caller) -> tuple[bytes, bytes]:
    body = _ENCODE(view_of(caller))
    return _head(body), body


def _taken_apart(made: bytes) -> tuple[bytes, bytes]:
    cut = _SIZE.unpack_from(made)[0]
    return made[_SIZE.size : cut], made[cut:]


def _etag_in(head: bytes) -> bytes:
    return head[len(_ETAG_LINE) : len(_ETAG_LINE) + _ETAG_BYTES]


def _answer(arrival: Arrival, head: bytes, body: bytes) -> Answer:
    wanted = arrival.head.get(b"if-none-match")
    if wanted is not None and matches(wanted, _etag_in(head)):
        return 304, head, b""
    return 200, head + _JSON_LINE, body
