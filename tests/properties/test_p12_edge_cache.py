"""P12: the edge serves from cache what it should for as long as it should, and nothing private.

Generated policies' routes, answers and requests against the real nginx. How long something is kept is read from what nginx
itself wrote down beside it, so no test waits; that nginx keeps to it is tested in `tests/integration/edge/test_keeping.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.kit.signing import UrlSigner, new_key_pair
from directfanz.platform_toml import CachePolicy, Platform
from tests.support.edge import Answer, Kept, Origin, RunningEdge, Seen, running_edge, unhurried

pytestmark = pytest.mark.property("P12")
SLACK_SECONDS = 2  # nginx counts whole seconds, and the test takes some time itself
Headers = tuple[tuple[str, str], ...]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Stand:
    edge: RunningEdge
    origin: Origin
    platform: Platform
    signer: UrlSigner

    def policy(self, route: str) -> CachePolicy:
        return self.platform.cache_policies[self.platform.routes[route].cache]

    def address(self, route: str, path: str) -> str:
        """Signed where the route asks for it."""
        if not self.platform.routes[route].signed:
            return path
        signed = self.signer.sign_url(self.edge.url + path, datetime.now(UTC) + timedelta(hours=1))
        return signed.removeprefix(self.edge.url)

    def key(self, route: str, path: str) -> str:
        bucket = self.platform.routes[route].bucket
        if bucket:
            return f"{route} /directfanz-{bucket}/{path.removeprefix(route).partition('?')[0]}"
        return f"{route} 127.0.0.1:{self.edge.port}{path}"


@pytest.fixture(scope="module")
def stand(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    private, public = new_key_pair()
    origin = Origin().start()
    try:
        with running_edge(
            unhurried(platform),
            tmp_path_factory.mktemp("edge"),
            public_keys={"K1": public},
            services={name: [origin.address] for name in ("web", "realtime", "streaming")},
            storage=origin.address,
            mail=origin.address,
        ) as edge:
            yield Stand(edge, origin, platform, UrlSigner("K1", private))
    finally:
        origin.close()


ROUTES = ["/", "/api/", "/media/", "/public/", "/live/", "/static/"]
seconds = st.sampled_from([0, 1, 2, 5, 59, 60, 61, 300, 3600, 86_399, 86_400, 86_401, 31_536_000, 10**9])


@dataclass(frozen=True)
class Offer:
    """What an origin says about keeping its answer."""

    status: int
    words: tuple[str, ...]  # of Cache-Control
    expires_in: int | None
    age: int | None
    more: Headers

    def headers(self) -> Headers:
        now = datetime.now(UTC)
        found: list[tuple[str, str]] = [("Cache-Control", ", ".join(self.words))] if self.words else []
        if self.expires_in is not None:
            expires = format_datetime(now + timedelta(seconds=min(self.expires_in, 10**9)), usegmt=True)
            found += [("Date", format_datetime(now, usegmt=True)), ("Expires", expires)]
        if self.age is not None:
            found.append(("Age", str(self.age)))
        return (*found, *self.more)

    def said(self, name: str) -> int | None:
        for word in self.words:
            if word.lower().startswith(name + "="):
                return int(word.partition("=")[2])
        return None


def should_keep(policy: CachePolicy, offer: Offer, headers: Headers) -> Kept | None:
    """By the policy's and the origin's words; None for not at all."""
    words = {word.lower().partition("=")[0] for word in offer.words}
    if words & {"private", "no-store", "no-cache"} or any(name in ("Set-Cookie", "Vary") for name, _ in offer.more):
        return None
    if not policy.shared and any(name in ("Cookie", "Authorization") for name, _ in headers):
        return None
    asked = next((s for s in (offer.said("s-maxage"), offer.said("max-age"), offer.expires_in) if s is not None), None)
    if offer.status not in (200, 203, 301, 308) and (asked is None or offer.status not in (404, 410)):
        return None
    fresh = min(policy.ttl_seconds if asked is None else asked, policy.max_seconds) - (offer.age or 0)
    if fresh <= 0:
        return None
    told = offer.said("stale-while-revalidate")
    stale = 0 if words & {"must-revalidate", "proxy-revalidate"} else policy.stale_seconds if told is None else told
    return Kept(fresh, min(stale, policy.max_seconds), min(stale, policy.max_seconds))


words = st.one_of(
    seconds.map("max-age={}".format),
    seconds.map("s-maxage={}".format),
    seconds.map("stale-while-revalidate={}".format),
    st.sampled_from(
        ["public", "private", "no-store", "no-cache", "must-revalidate", "proxy-revalidate", "immutable", "No-Store"]
    ),
)
offers = st.builds(
    Offer,
    status=st.sampled_from([200, 200, 200, 200, 200, 203, 204, 301, 302, 308, 400, 404, 410, 500, 503]),
    words=st.lists(words, max_size=4, unique_by=lambda word: word.partition("=")[0]).map(tuple),
    expires_in=st.none() | seconds,
    age=st.none() | st.sampled_from([0, 1, 30, 100_000]),
    more=st.sampled_from([(), (), (), (), (("Set-Cookie", "df_session=ada"),), (("Vary", "*"),)]),
)
askers: st.SearchStrategy[Headers] = st.sampled_from(
    [
        (),
        (),
        (("Cookie", "df_session=ada"),),
        (("Authorization", "Bearer ada"),),
        (("Cookie", "theme=dark"), ("Accept-Language", "de")),
    ]
)

controls = st.sampled_from(["public, max-age=60", "max-age=60", "s-maxage=60"])
queries_asked = st.lists(st.sampled_from(["", "?a=1", "?a=2", "?b", "?a=1&b=2"]), min_size=2, max_size=6)


def ask(stand: Stand, route: str, path: str, headers: Headers) -> str:
    """The body; the origin gives every answer its own, so that one knows which it is."""
    answer = stand.edge.get(stand.address(route, path), headers=list(headers))
    return str(answer.headers.get("x-made", "nothing"))


@given(st.sampled_from(ROUTES), offers, askers, askers)
@settings(max_examples=200, deadline=None)
def test_what_may_be_kept_is_kept_as_long_as_it_may(
    stand: Stand, route: str, offer: Offer, first: Headers, second: Headers
) -> None:
    policy, path = stand.policy(route), f"{route}{next(_numbers)}.bin"
    made = itertools.count(1)

    def answer(seen: Seen) -> Answer:
        return Answer(offer.status, (*offer.headers(), ("X-Made", str(next(made)))), b"x")

    stand.origin.answer = answer
    stand.origin.seen.clear()
    kept = should_keep(policy, offer, first)
    one = ask(stand, route, path, first)
    # Of a file that is not there only the fact is kept, in memory.
    if kept and not (stand.platform.routes[route].bucket and offer.status == 404):
        found = stand.edge.kept(stand.key(route, path))
        assert abs(found.fresh - kept.fresh) <= SLACK_SECONDS
        assert (found.updating, found.failing) == (kept.updating, kept.failing)
    if kept is None:
        assert not stand.edge.holds(stand.key(route, path))
    if kept is None or kept.fresh > SLACK_SECONDS:
        served_from_cache = kept is not None and (
            policy.shared or not any(n in ("Cookie", "Authorization") for n, _ in second)
        )
        two = ask(stand, route, path, second)
        hidden = offer.status >= 300 and route in ("/media/", "/public/", "/static/")
        assert hidden or (one == two) == served_from_cache
        assert len(stand.origin.seen) == (1 if served_from_cache else 2)


@given(
    st.sampled_from(ROUTES),
    st.lists(askers, min_size=2, max_size=6),
    controls,
)
@settings(max_examples=100, deadline=None)
def test_nobody_gets_what_was_made_for_somebody(
    stand: Stand, route: str, requests: list[Headers], control: str
) -> None:
    """The origin wrongly calls everything public; whoever said who they are is still alone with their answer."""
    path = f"{route}{next(_numbers)}.bin"

    def answer(seen: Seen) -> Answer:
        person = f"{seen.headers.get('cookie', '')}|{seen.headers.get('authorization', '')}"
        person = "|" if person.startswith("|AWS4") else person
        return Answer(200, (("Cache-Control", control), ("X-Made", person)), b"x")

    stand.origin.answer = answer
    stand.origin.seen.clear()
    for headers in requests:
        says = dict(headers)
        mine = f"{says.get('Cookie', '')}|{says.get('Authorization', '')}"
        assert ask(stand, route, path, headers) in ("|", mine)
        if not stand.policy(route).shared:
            assert ask(stand, route, path, headers) == mine
    if stand.policy(route).shared:
        assert not any("cookie" in seen.headers for seen in stand.origin.seen)
        assert not any("Bearer" in seen.headers.get("authorization", "") for seen in stand.origin.seen)


@given(
    st.sampled_from(["/api/", "/public/", "/live/"]),
    queries_asked,
)
@settings(max_examples=100, deadline=None)
def test_a_query_is_part_of_what_is_kept_or_of_no_answer(stand: Stand, route: str, queries: list[str]) -> None:
    path, policy = f"{route}{next(_numbers)}.bin", stand.policy(route)
    stand.origin.answer = lambda seen: Answer(
        200, (("Cache-Control", "max-age=60"), ("X-Made", seen.target.partition("?")[2]))
    )
    stand.origin.seen.clear()
    for query in queries:
        assert ask(stand, route, path + query, ()) == (query[1:] if policy.vary_on_query else "") or query == ""
    assert len(stand.origin.seen) == (len(set(queries)) if policy.vary_on_query else 1)
