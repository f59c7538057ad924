"""P13: a signed URL opens until it expires, and no altered one opens. Signed by the kit, asked of the real edge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from directfanz.kit.signing import UrlSigner, custom_policy, new_key_pair
from directfanz.platform_toml import Platform
from tests.support.edge import Origin, RunningEdge, running_edge, unhurried

pytestmark = pytest.mark.property("P13")


@dataclass(frozen=True)
class Stand:
    edge: RunningEdge
    origin: Origin
    signers: dict[str, UrlSigner]


@pytest.fixture(scope="module")
def stand(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    ecdsa, ecdsa_public = new_key_pair()
    origin = Origin().start()
    try:
        with running_edge(
            unhurried(platform),
            tmp_path_factory.mktemp("edge"),
            public_keys={"RSA1": public, "ECDSA1": ecdsa_public},
            services={"streaming": [origin.address]},
            storage=origin.address,
        ) as edge:
            yield Stand(edge, origin, {"rsa": UrlSigner("RSA1", pem), "ecdsa": UrlSigner("ECDSA1", ecdsa)})
    finally:
        origin.close()


letters = st.text("abcXYZ019-_.~!$'()+,;=:@", min_size=1, max_size=8).filter(lambda part: part.strip(".") != "")
escapes = st.sampled_from(["%20", "%C3%BC", "%f0%9f%8e%89", "%25", "%3F", "%26", "%2B"])
segments = st.lists(letters | escapes, min_size=1, max_size=3).map("".join)
paths = st.builds(
    lambda route, parts: route + "/".join(parts),
    st.sampled_from(["/media/", "/live/"]),
    st.lists(segments, min_size=1, max_size=4),
)
names = st.text("abc_", min_size=1, max_size=4)
queries = st.lists(st.tuples(names, st.text("abc123%.~-", max_size=5).filter(lambda v: "%" not in v)), max_size=3).map(
    lambda pairs: "?" + "&".join(f"{name}={value}" for name, value in pairs) if pairs else ""
)
# Never so near to now that the test's own slowness would matter.
past, future = st.integers(-(10**8), -3), st.integers(60, 10**8)
networks = st.sampled_from(
    ["127.0.0.1", "127.0.0.0/8", "0.0.0.0/0", "127.0.0.0/31", "127.0.0.2", "10.0.0.0/8", "::1", "::/0"]
)


@dataclass(frozen=True)
class Grant:
    resource: str
    expires: int
    starts: int | None
    network: str | None

    def opens(self, url: str) -> bool:
        """What the policy says, told by another hand than the edge's."""
        pattern = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in self.resource)
        return (
            re.fullmatch(pattern, url, re.DOTALL) is not None
            and self.expires > 0
            and (self.starts is None or self.starts < 0)
            and (self.network is None or ip_address("127.0.0.1") in ip_network(self.network))
        )

    def policy(self, now: datetime) -> str:
        def moment(offset: int) -> datetime:
            return now + timedelta(seconds=offset)

        starts = None if self.starts is None else moment(self.starts)
        return custom_policy(self.resource, moment(self.expires), starts=starts, address=self.network)


@st.composite
def patterns(draw: st.DrawFn, url: str) -> str:
    """The URL with parts of it as wildcards, and at times something that does not fit."""
    pattern = url
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(pattern)))
        length = draw(st.integers(0, 6))
        wildcard = draw(st.sampled_from(["*", "?", "**", "?*", "x*", "x"]))
        pattern = pattern[:at] + wildcard + pattern[at + length :]
    return pattern


def cookie(signer: UrlSigner, policy: str) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in signer.cookies_for(policy).items())}


@given(st.sampled_from(["rsa", "ecdsa"]), paths, queries, past | future)
@settings(max_examples=120, deadline=None)
def test_a_link_opens_its_own_address_until_it_expires(
    stand: Stand, key: str, path: str, query: str, expires: int
) -> None:
    url = stand.edge.url + path + query
    signed = stand.signers[key].sign_url(url, datetime.now(UTC) + timedelta(seconds=expires))
    status, _ = stand.edge.raw_get(signed.removeprefix(stand.edge.url))
    assert status == (200 if expires > 0 else 403)


@given(st.data(), st.sampled_from(["rsa", "ecdsa"]), paths, queries, st.booleans())
@settings(max_examples=120, deadline=None)
def test_a_policy_opens_what_it_names_and_nothing_else(
    stand: Stand, data: st.DataObject, key: str, path: str, query: str, by_cookie: bool
) -> None:
    url, signer = stand.edge.url + path + query, stand.signers[key]
    grant = Grant(
        data.draw(patterns(url)),
        data.draw(past | future),
        data.draw(st.none() | past | future),
        data.draw(st.none() | networks),
    )
    policy = grant.policy(datetime.now(UTC))
    if by_cookie:
        lines = [f"{name}: {value}" for name, value in cookie(signer, policy).items()]
        status, _ = stand.edge.raw_get(path + query, *lines)
    else:
        status, _ = stand.edge.raw_get(signer.sign_url_for(url, policy).removeprefix(stand.edge.url))
    assert status == (200 if grant.opens(url) else 403)


@st.composite
def altered(draw: st.DrawFn, text: str) -> str:
    at = draw(st.integers(1, len(text) - 1))
    other = draw(
        st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])
    )
    changed = draw(
        st.sampled_from(
            [
                text[:at] + other + text[at + 1 :],
                text[:at] + other + text[at:],
                text[:at] + text[at + 1 :],
                text[:at] + text[at:].swapcase(),
                text[:at],
                text[:at] + f"%{ord(text[at]):02X}" + text[at + 1 :],
                text + "&" + text.partition("?")[2],
                text + f"&{other}=1",
                text.replace("Expires=1", "Expires=2"),
                text.replace("~", "/").replace("-", "+"),
                text.replace("RSA1", "ECDSA1")
                if "RSA1" in text and "ECDSA1" not in text
                else text.replace("ECDSA1", "RSA1"),
            ]
        )
    )
    assume(changed != text)
    return changed


@given(st.data(), st.sampled_from(["rsa", "ecdsa"]), paths, queries, st.sampled_from(["canned", "custom"]))
@settings(max_examples=200, deadline=None)
def test_no_altered_link_opens(stand: Stand, data: st.DataObject, key: str, path: str, query: str, kind: str) -> None:
    url, signer, end = stand.edge.url + path + query, stand.signers[key], datetime.now(UTC) + timedelta(hours=1)
    signed = signer.sign_url(url, end) if kind == "canned" else signer.sign_url_for(url, custom_policy(url, end))
    target = signed.removeprefix(stand.edge.url)
    assert stand.edge.raw_get(target)[0] == 200
    stand.origin.seen.clear()
    changed = data.draw(altered(target))
    status, answer = stand.edge.raw_get(changed)
    # Outside the two signed routes it is somebody else's address, where nobody runs.
    inside = changed.startswith(("/media/", "/live/"))
    assert status in ((403, 400, 404, 414) if inside else (400, 403, 404, 503)), answer
    assert not stand.origin.seen


@given(st.data(), st.sampled_from(["rsa", "ecdsa"]), paths)
@settings(max_examples=120, deadline=None)
def test_no_altered_cookie_opens(stand: Stand, data: st.DataObject, key: str, path: str) -> None:
    values = stand.signers[key].cookies_for(
        custom_policy(stand.edge.url + "/*", datetime.now(UTC) + timedelta(hours=1))
    )
    name = data.draw(st.sampled_from(sorted(values)))
    value = values[name]
    at = data.draw(st.integers(0, len(value) - 1))
    character = data.draw(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=";"))
    head, tail = value[:at], value[at + 1 :]
    values[name] = data.draw(
        st.sampled_from([head + character + tail, head + tail, head + character + value[at:], value[::-1]])
    )
    assume(values[name] != value)
    status, _ = stand.edge.raw_get(path, "Cookie: " + "; ".join(f"{n}={v}" for n, v in values.items()))
    assert status == 403
