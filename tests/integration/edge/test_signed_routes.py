"""Private media opens to CloudFront's signed URLs and cookies, and says why when it does not."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from directfanz.backends.cdn.signed import KEY, SignedLinks
from directfanz.backends.cdn.signed import KEY_ID as KEY_NAME
from directfanz.backends.clock.manual import ManualClock
from directfanz.backends.secrets.file import FileSecrets
from directfanz.errors import ConfigurationError
from directfanz.kit.signing import UrlSigner, canned_policy, custom_policy, encode, new_key_pair
from directfanz.local.edge import EdgeAddresses, write_edge
from directfanz.platform_toml import Platform
from tests.integration.edge.conftest import KEY_ID, Stand
from tests.support.edge import Origin, RunningEdge, running_edge, until

HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


def refusal(edge: RunningEdge, url: str, **kwargs: object) -> str:
    answer = edge.get(url, **kwargs)
    assert answer.status_code == 403
    assert answer.headers["cache-control"] == "no-store"
    code: str = answer.json()["error"]["code"]
    return code


def cookies(values: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in values.items())}


@pytest.fixture
def url(edge: RunningEdge) -> str:
    return f"{edge.url}/media/ada/a%20song.mp3"


@pytest.mark.parametrize(
    "path", ["/media/ada/a%20song.mp3", "/live/7/index.m3u8?_HLS_msn=3&_HLS_part=1", "/media/%F0%9F%8E%89.jpg"]
)
def test_a_signed_url_opens(stand: Stand, edge: RunningEdge, origin: Origin, path: str) -> None:
    assert edge.get(stand.signer.sign_url(edge.url + path, now() + HOUR)).status_code == 200
    assert origin.last.target == path.replace("/media/", "/directfanz-media/")


def test_a_policy_opens_all_it_names_by_url_and_by_cookies(stand: Stand, edge: RunningEdge, origin: Origin) -> None:
    policy = custom_policy(f"{edge.url}/live/7/*", now() + HOUR, starts=now() - HOUR, address="127.0.0.0/8")
    for path in ("/live/7/index.m3u8", "/live/7/720p/1.m4s?x=1"):
        assert edge.get(stand.signer.sign_url_for(edge.url + path, policy)).status_code == 200
        assert edge.get(path, headers=cookies(stand.signer.cookies_for(policy))).status_code == 200
        assert origin.last.target == path
        assert "cookie" not in origin.last.headers
    assert refusal(edge, "/live/8/index.m3u8", headers=cookies(stand.signer.cookies_for(policy))) == "link_elsewhere"


def test_canned_cookies_open_their_one_url(stand: Stand, edge: RunningEdge, origin: Origin, url: str) -> None:
    query = stand.signer.sign_url(url, now() + HOUR).partition("?")[2]
    values = {f"CloudFront-{name}": value for name, value in (part.split("=", 1) for part in query.split("&"))}
    assert edge.get(url, headers=cookies(values)).status_code == 200
    assert refusal(edge, url + "x", headers=cookies(values)) == "link_altered"


def test_what_is_missing(stand: Stand, edge: RunningEdge, origin: Origin, url: str) -> None:
    signed = stand.signer.sign_url(url, now() + HOUR)
    address, _, query = signed.partition("?")
    assert refusal(edge, address) == "link_missing"
    for part in query.split("&"):
        rest = "&".join(other for other in query.split("&") if other != part)
        assert refusal(edge, f"{address}?{rest}") == "link_missing"
    assert refusal(edge, address, headers={"Cookie": "CloudFront-Policy=x; df_session=y"}) == "link_missing"
    assert not origin.seen


def test_what_is_over_early_or_for_someone_else(stand: Stand, edge: RunningEdge, url: str) -> None:
    signer = stand.signer
    assert refusal(edge, signer.sign_url(url, now() - timedelta(seconds=1))) == "link_expired"
    assert refusal(edge, signer.sign_url_for(url, custom_policy("*", now() - HOUR))) == "link_expired"
    assert (
        refusal(edge, signer.sign_url_for(url, custom_policy("*", now() + HOUR, starts=now() + HOUR))) == "link_early"
    )
    for network in ("192.0.2.0/24", "127.0.0.2", "::1", "0.0.0.0/32"):
        policy = custom_policy("*", now() + HOUR, address=network)
        assert refusal(edge, signer.sign_url_for(url, policy)) == "link_address"
    for network in ("127.0.0.1", "127.0.0.0/30", "0.0.0.0/0"):
        policy = custom_policy("*", now() + HOUR, address=network)
        assert edge.get(signer.sign_url_for(url, policy)).status_code == 200
    elsewhere = custom_policy(url.replace("127.0.0.1", "localhost"), now() + HOUR)
    assert refusal(edge, signer.sign_url_for(url, elsewhere)) == "link_elsewhere"


def test_a_link_ends_while_it_is_remembered(stand: Stand, edge: RunningEdge, url: str) -> None:
    signed = stand.signer.sign_url(url, now() + timedelta(seconds=2))
    assert edge.get(signed).status_code == 200
    until(lambda: edge.get(signed).status_code == 403)
    assert refusal(edge, signed) == "link_expired"


@pytest.mark.property("P18")
async def test_who_lost_the_right_to_a_stream_sees_nothing_of_it_a_minute_later(
    stand: Stand, edge: RunningEdge, platform: Platform, tmp_path: Path
) -> None:
    """A ticket that ran out is not renewed; what was given last is closed to playlist and segments alike, also to who saw them before."""
    secrets = FileSecrets(tmp_path / "secrets")
    await secrets.put(KEY_NAME, KEY_ID)
    await secrets.put(KEY, stand.private_key.decode())
    lives = timedelta(seconds=platform.media.grant_seconds)
    assert lives <= timedelta(minutes=1)
    clock = ManualClock(now() - lives + timedelta(seconds=3))
    links = SignedLinks(edge.url, secrets, clock)
    grant = await links.open_folder("/live/7/", lives)
    names = ("master.m3u8", "source.m3u8?_HLS_msn=4", "source/4.m4s", "source/init-0.mp4")
    given = cookies(dict(grant.cookies))
    for name in names:
        assert edge.get(f"/live/7/{name}", headers=given).status_code == 200
    until(lambda: edge.get(f"/live/7/{names[0]}", headers=given).status_code != 200)
    for name in names:
        assert refusal(edge, f"/live/7/{name}", headers=given) == "link_expired"
    assert now() - (grant.expires_at - lives) <= timedelta(seconds=60 + 5)


def test_a_remembered_signature_opens_no_other_host(stand: Stand, edge: RunningEdge, url: str) -> None:
    signed = stand.signer.sign_url(url, now() + HOUR)
    assert edge.get(signed).status_code == 200
    assert refusal(edge, signed, headers={"Host": "evil.example"}) == "link_altered"


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "{}",
        "[]",
        "null",
        "not json",
        '{"Statement":[]}',
        '{"Statement":{}}',
        '{"Statement":[{"Resource":"*"}]}',
        '{"Statement":[{"Resource":"*","Condition":{}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":"9999999999"}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":null}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{}}}]}',
        '{"Statement":[{"Resource":1,"Condition":{"DateLessThan":{"AWS:EpochTime":9999999999}}}]}',
        '{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":9999999999}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999},"Later":{}}}]}',
        '{"Statement":[{"Resource":"*","Effect":"Deny","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999}}},{"Resource":"*"}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999},"IpAddress":{}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999},"IpAddress":{"AWS:SourceIp":"all"}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999},"IpAddress":{"AWS:SourceIp":"0.0.0.0/"}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999},"IpAddress":{"AWS:SourceIp":"0.0.0.0/-1"}}}]}',
        '{"Statement":[{"Resource":"*","Condition":{"DateLessThan":{"AWS:EpochTime":9999999999},"IpAddress":"127.0.0.1"}}]}',
    ],
)
def test_a_signed_policy_that_is_not_understood_opens_nothing(
    stand: Stand, edge: RunningEdge, url: str, policy: str
) -> None:
    values = stand.signer.cookies_for(policy)
    assert refusal(edge, url, headers=cookies(values)) in ("link_altered", "link_missing", "link_address")


@pytest.mark.parametrize(
    "query",
    [
        "Expires=99999999999&Signature=AAAA&Key-Pair-Id={key}",
        "Expires=9e9&Signature=AAAA&Key-Pair-Id={key}",
        "Expires=&Signature=&Key-Pair-Id=",
        "Policy=%%%&Signature=%00&Key-Pair-Id={key}",
        "Policy=AAAA&Signature=AAAA&Key-Pair-Id=__proto__",
        "Policy=AAAA&Signature=AAAA&Key-Pair-Id=constructor",
        "Policy=AAAA&Signature=AAAA&Key-Pair-Id=toString",
        "Policy=" + "A" * 4500 + "&Signature=AAAA&Key-Pair-Id={key}",
        "Policy=AAAA&Signature=MEUCIQ__&Key-Pair-Id={key}",
        "Policy=AAAA&Signature=MAYCAQECAQE_&Key-Pair-Id={key}",
        "Policy=AAAA&Signature=MAYCAQECAQEC&Key-Pair-Id={key}",
        "Policy&Signature&Key-Pair-Id",
        "Policy=AAAA&Expires=1&Signature=AAAA&Key-Pair-Id={key}",
        "Signature=AAAA&Signature=AAAA&Policy=AAAA&Key-Pair-Id={key}",
    ],
)
def test_hostile_queries_are_refused_quietly(edge: RunningEdge, origin: Origin, query: str) -> None:
    status, _ = edge.raw_get("/media/a?" + query.format(key=KEY_ID))
    assert status == 403
    assert not origin.seen


EMPTY = "CloudFront-Policy==; CloudFront-Signature==; CloudFront-Key-Pair-Id=="


@pytest.mark.parametrize("cookie", ["", ";;;", "=", "CloudFront-=x", "CloudFront-Policy", "a" * 7000, EMPTY])
def test_hostile_cookies_are_refused_quietly(edge: RunningEdge, cookie: str) -> None:
    assert edge.get("/media/a", headers={"Cookie": cookie}).status_code == 403


def test_a_signature_has_one_spelling(stand: Stand, edge: RunningEdge, url: str) -> None:
    """The last character before the padding holds bits that mean nothing; changing them is changing the link."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~"
    policy = custom_policy("*", now() + HOUR)
    policy += " " * ((1 - len(policy)) % 3)  # a length whose encoding is padded
    signed = stand.signer.sign_url_for(url, policy)
    assert edge.get(signed).status_code == 200
    encoded = encode(policy.encode())
    assert encoded.endswith("__")
    other = alphabet[alphabet.index(encoded[-3]) + 1]
    assert refusal(edge, signed.replace(encoded, encoded[:-3] + other + "__")) == "link_altered"


def test_one_path_does_not_pass_for_another(stand: Stand, edge: RunningEdge, origin: Origin) -> None:
    """A policy names a path as it is written; nothing may be written that leads elsewhere."""
    policy = custom_policy(f"{edge.url}/media/ada/*", now() + HOUR)
    query = stand.signer.sign_url_for(f"{edge.url}/media/ada/x", policy).partition("?")[2]
    for path in ("../ben/x", "%2e%2e/ben/x", "..%2fben/x", "%2E%2E%2Fben/x", "/../../ben/x"):
        assert edge.raw_get(f"/media/ada/{path}?{query}")[0] == 400
    assert edge.raw_get(f"/media/ben/x?{query}")[0] == 403
    assert not origin.seen


def test_what_one_may_see_is_kept_for_others_who_may(stand: Stand, edge: RunningEdge, origin: Origin) -> None:
    url = f"{edge.url}/media/kept.jpg"
    first = edge.get(stand.signer.sign_url(url, now() + HOUR))
    second = edge.get(stand.signer.sign_url(url, now() + 2 * HOUR))
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert refusal(edge, url) == "link_missing"
    assert len(origin.seen) == 1


def test_the_signature_covers_the_rest_of_the_query(stand: Stand, edge: RunningEdge, origin: Origin) -> None:
    url = f"{edge.url}/live/1?quality=low&x=%26"
    signed = stand.signer.sign_url(url, now() + HOUR)
    assert edge.get(signed).status_code == 200
    assert origin.last.target == "/live/1?quality=low&x=%26"
    assert refusal(edge, signed.replace("low", "high")) == "link_altered"
    assert refusal(edge, signed + "&more=1") == "link_altered"


def test_a_person_reads_why(stand: Stand, edge: RunningEdge, url: str) -> None:
    page = edge.get(stand.signer.sign_url(url, now() - HOUR), headers={"Accept": "text/html"})
    assert page.status_code == 403
    assert "This link is over" in page.text


def test_both_kinds_of_key_and_only_known_ones(unhurried: Platform, tmp_path: Path) -> None:
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = rsa_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = rsa_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    ecdsa_private, ecdsa_public = new_key_pair()
    origin = Origin().start()
    try:
        with running_edge(
            unhurried,
            tmp_path,
            public_keys={"RSA": public, "ECDSA": ecdsa_public},
            services={"streaming": [origin.address]},
        ) as edge:
            url = f"{edge.url}/live/1"
            ways = {
                ("RSA", pem): 200,
                ("ECDSA", ecdsa_private): 200,
                ("RSA", ecdsa_private): 403,
                ("ECDSA", pem): 403,
                ("OTHER", pem): 403,
            }
            for (key_id, private), status in ways.items():
                assert edge.get(UrlSigner(key_id, private).sign_url(url, now() + HOUR)).status_code == status
    finally:
        origin.close()


def test_a_key_that_is_withdrawn_is_of_no_use_at_once(unhurried: Platform, tmp_path: Path) -> None:
    private, public = new_key_pair()
    signer = UrlSigner("K1", private)
    origin = Origin().start()
    try:
        with running_edge(
            unhurried, tmp_path, public_keys={"K1": public}, services={"streaming": [origin.address]}
        ) as edge:
            signed = signer.sign_url(f"{edge.url}/live/1", now() + HOUR)
            assert edge.get(signed).status_code == 200
            known = (tmp_path / "known.json").read_text()
            (tmp_path / "known.json").write_text(known.replace('"K1"', '"K2"'))
            edge.process.send_signal(signal.SIGHUP)
            until(lambda: edge.get(signed, headers={"Connection": "close"}).status_code == 403)
    finally:
        origin.close()


@pytest.fixture
def over_ipv6(unhurried: Platform, tmp_path: Path) -> Iterator[tuple[RunningEdge, str, UrlSigner]]:
    private, public = new_key_pair()
    origin = Origin().start()
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
        port = probe.getsockname()[1]
    try:
        with running_edge(
            unhurried, tmp_path, public_keys={"K1": public}, services={"streaming": [origin.address]}
        ) as edge:
            conf = (tmp_path / "nginx.conf").read_text()
            listen = f"listen 127.0.0.1:{edge.port} default_server backlog=1024;"
            assert listen in conf
            (tmp_path / "nginx.conf").write_text(conf.replace(listen, f"{listen} listen [::1]:{port};"))
            edge.process.send_signal(signal.SIGHUP)
            yield edge, f"http://[::1]:{port}", UrlSigner("K1", private)
    finally:
        origin.close()


def test_policies_for_ipv6(over_ipv6: tuple[RunningEdge, str, UrlSigner]) -> None:
    edge, site, signer = over_ipv6

    def status(network: str) -> int:
        policy = custom_policy("*", now() + HOUR, address=network)
        return edge.get(signer.sign_url_for(f"{site}/live/1", policy)).status_code

    def listens() -> bool:
        with socket.socket(socket.AF_INET6) as probe:
            return probe.connect_ex(("::1", int(site.rpartition(":")[2]))) == 0

    until(listens)
    assert [status(network) for network in ("::1", "::/0", "::/127", "2001:db8::/32", "::2", "127.0.0.1")] == [
        200,
        200,
        200,
        403,
        403,
        403,
    ]


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        (b"nonsense", "is not PEM"),
        (
            ec.generate_private_key(ec.SECP384R1())
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
            "another curve than P-256",
        ),
    ],
    ids=["nonsense", "p384"],
)
def test_keys_that_cannot_verify_are_refused_at_the_start(
    unhurried: Platform, tmp_path: Path, pem: bytes, reason: str
) -> None:
    places = EdgeAddresses(listen="127.0.0.1:1", hop="127.0.0.1:2", services={})
    with pytest.raises(ConfigurationError, match=reason):
        write_edge(unhurried, places, tmp_path, public_keys={"K1": pem})


def test_a_canned_policy_is_the_text_that_cloudfront_makes() -> None:
    end = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert canned_policy("https://x/a", end) == (
        '{"Statement":[{"Resource":"https://x/a","Condition":{"DateLessThan":{"AWS:EpochTime":1772442000}}}]}'
    )
    assert encode(b"\xff\xff\xfe") == "~~~-"
