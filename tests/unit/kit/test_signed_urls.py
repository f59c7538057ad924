from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from directfanz.kit.signing import UrlSigner, canned_policy, custom_policy, decode, encode, new_key_pair, verify_policy

END = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://directfanz.io/media/a%20song.mp3"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(key: Key) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def of_botocore() -> CloudFrontSigner:
    return CloudFrontSigner("K1", lambda text: RSA.sign(text, padding.PKCS1v15(), hashes.SHA1()))  # noqa: S303


@pytest.mark.parametrize("url", [URL, URL + "?part=1&x=%26", "http://localhost:8080/live/1/index.m3u8?_HLS_msn=3"])
def test_a_url_is_signed_as_botocore_signs_it(url: str) -> None:
    assert UrlSigner("K1", pem(RSA)).sign_url(url, END) == of_botocore().generate_presigned_url(url, date_less_than=END)


@pytest.mark.parametrize("starts", [None, END - timedelta(hours=1)])
@pytest.mark.parametrize("address", [None, "192.0.2.7", "192.0.2.0/24"])
def test_a_custom_policy_is_written_as_botocore_writes_it(starts: datetime | None, address: str | None) -> None:
    policy = custom_policy("https://directfanz.io/live/*", END, starts=starts, address=address)
    theirs = of_botocore()
    assert policy == theirs.build_policy(
        "https://directfanz.io/live/*", END, date_greater_than=starts, ip_address=address
    )
    ours = UrlSigner("K1", pem(RSA)).sign_url_for("https://directfanz.io/live/1", policy)
    assert ours == theirs.generate_presigned_url("https://directfanz.io/live/1", policy=policy)


def test_cookies_carry_what_the_url_would() -> None:
    signer, policy = UrlSigner("K1", pem(RSA)), custom_policy("https://directfanz.io/live/*", END)
    url = signer.sign_url_for("https://directfanz.io/live/1", policy)
    query = dict(part.split("=", 1) for part in url.partition("?")[2].split("&"))
    assert signer.cookies_for(policy) == {f"CloudFront-{name}": value for name, value in query.items()}


@pytest.mark.parametrize("key", [RSA, ec.generate_private_key(ec.SECP256R1())], ids=["rsa", "ecdsa"])
def test_a_signature_is_of_one_policy_and_one_key(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    policy = canned_policy(URL, END)
    signature = UrlSigner("K1", pem(key)).cookies_for(policy)["CloudFront-Signature"]
    other = public_pem(ec.generate_private_key(ec.SECP256R1()))
    assert verify_policy(policy, signature, public_pem(key))
    assert not verify_policy(policy, signature, other)
    assert not verify_policy(canned_policy(URL, END + timedelta(seconds=1)), signature, public_pem(key))
    for garbage in ("", "ä", "\udcff", "AAAA", signature[:-4], signature.replace("~", "/") + "=", "!" + signature):
        assert not verify_policy(policy, garbage, public_pem(key))
    assert not verify_policy("\udcff", signature, public_pem(key))


def test_other_kinds_of_key_verify_nothing() -> None:
    assert not verify_policy("x", encode(b"x"), public_pem(ed25519.Ed25519PrivateKey.generate()))


@pytest.mark.parametrize(
    "key", [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP384R1())], ids=["ed25519", "p384"]
)
def test_keys_that_cloudfront_does_not_take_are_refused(key: Key) -> None:
    with pytest.raises(ValueError, match="CloudFront takes"):
        UrlSigner("K1", pem(key))


def test_a_new_pair_fits_together() -> None:
    private, public = new_key_pair()
    policy = canned_policy(URL, END)
    assert verify_policy(policy, UrlSigner("K1", private).cookies_for(policy)["CloudFront-Signature"], public)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/media/a",
        "ftp://x/a",
        "https://x/a b",
        'https://x/"',
        "https://x/ä",
        "https://x/a#b",
        "https://x/a\\b",
        "https://x/a?",
        "https://x/a\n",
        "https://x/a?Expires=1",
        "https://x/a?b=1&Policy=x",
    ],
)
def test_what_would_arrive_differently_is_not_signed(url: str) -> None:
    signer = UrlSigner("K1", pem(RSA))
    with pytest.raises(ValueError, match="cannot be signed"):
        signer.sign_url(url, END)
    with pytest.raises(ValueError, match="cannot be signed"):
        signer.sign_url_for(url, custom_policy("*", END))


def test_policies_are_strict_about_what_they_are_given() -> None:
    with pytest.raises(ValueError, match="matches no address"):
        custom_policy("https://x/ä*", END)
    with pytest.raises(ValueError, match=r"192\.0\.2\.1/24"):
        custom_policy("*", END, address="192.0.2.1/24")
    with pytest.raises(ValueError, match="time zone"):
        custom_policy("*", datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test


def test_a_policy_is_json_without_spaces() -> None:
    policy = canned_policy(URL, END)
    assert " " not in policy
    assert json.loads(policy)["Statement"][0]["Condition"]["DateLessThan"]["AWS:EpochTime"] == END.timestamp()


def test_cloudfronts_alphabet() -> None:
    assert encode(b"\xfb\xff") == "-~8_"
    assert decode("-~8_") == b"\xfb\xff"
    for text in ("+/8=", "-~9_", "-~8", "-~8_ ", "ä"):
        with pytest.raises(ValueError):
            decode(text)
