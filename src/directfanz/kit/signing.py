"""Signatures: CloudFront's format for media, and small signed tokens for everything that only we read.

CloudFront takes a policy (canned: one URL and its end; custom: a path pattern, a start and an address range),
signed with SHA-1 by an RSA or ECDSA P-256 key, in base64 with `+ = /` written as `- _ ~`. The edge here verifies the same
format, so a link made by this module opens at both. SHA-1 is what that format prescribes; it is used nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

_TO_URL = str.maketrans("+=/", "-_~")
_FROM_URL = str.maketrans("-_~", "+=/")
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class UrlSigner:
    """Signs for one key pair, as CloudFront knows it by its id."""

    def __init__(self, key_pair_id: str, private_key_pem: bytes) -> None:
        key = serialization.load_pem_private_key(private_key_pem, password=None)
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise ValueError("CloudFront takes RSA and ECDSA P-256 keys")
        if isinstance(key, ec.EllipticCurvePrivateKey) and not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("of the elliptic curves CloudFront takes only P-256")
        self.key_pair_id = key_pair_id
        self._key: PrivateKey = key

    def sign_url(self, url: str, expires: datetime) -> str:
        """One URL until a moment (canned policy)."""
        query = {"Expires": str(_epoch(expires)), "Signature": self._sign(canned_policy(url, expires))}
        return _with_query(url, {**query, "Key-Pair-Id": self.key_pair_id})

    def sign_url_for(self, url: str, policy: str) -> str:
        """A URL under a custom policy, such as a path prefix with `*`."""
        query = {"Policy": encode(policy.encode()), "Signature": self._sign(policy)}
        return _with_query(url, {**query, "Key-Pair-Id": self.key_pair_id})

    def cookies_for(self, policy: str) -> dict[str, str]:
        """Three cookies that open all that the policy names; for playlists, whose segments carry no query."""
        return {
            "CloudFront-Policy": encode(policy.encode()),
            "CloudFront-Signature": self._sign(policy),
            "CloudFront-Key-Pair-Id": self.key_pair_id,
        }

    def _sign(self, policy: str) -> str:
        text, digest = policy.encode(), hashes.SHA1()  # noqa: S303 - the format's own choice
        if isinstance(self._key, rsa.RSAPrivateKey):
            return encode(self._key.sign(text, padding.PKCS1v15(), digest))
        return encode(self._key.sign(text, ec.ECDSA(digest)))


def canned_policy(url: str, expires: datetime) -> str:
    return _statement({"Resource": url, "Condition": {"DateLessThan": {"AWS:EpochTime": _epoch(expires)}}})


def custom_policy(
    resource: str, expires: datetime, *, starts: datetime | None = None, address: str | None = None
) -> str:
    condition: dict[str, dict[str, int | str]] = {"DateLessThan": {"AWS:EpochTime": _epoch(expires)}}
    if starts is not None:
        condition["DateGreaterThan"] = {"AWS:EpochTime": _epoch(starts)}
    if address is not None:
        condition["IpAddress"] = {"AWS:SourceIp": address}
    return _statement({"Resource": resource, "Condition": condition})


def verify_policy(policy: str, signature: str, public_key_pem: bytes) -> bool:
    """Whether the holder of the private key signed this policy; for tests and for origins without an edge."""
    key = serialization.load_pem_public_key(public_key_pem)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(decode(signature), policy.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(decode(signature), policy.encode(), ec.ECDSA(hashes.SHA1()))  # noqa: S303
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def new_key_pair() -> tuple[bytes, bytes]:
    """A P-256 pair as PEM (private, public): smaller and quicker to sign with than RSA."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public


def encode(data: bytes) -> str:
    return b64encode(data).decode().translate(_TO_URL)


def decode(text: str) -> bytes:
    return b64decode(text.translate(_FROM_URL), validate=True)


def _statement(statement: dict[str, object]) -> str:
    return json.dumps({"Statement": [statement]}, separators=(",", ":"))


def _with_query(url: str, parameters: dict[str, str]) -> str:
    joiner = "&" if urlsplit(url).query else "?"
    return url + joiner + "&".join(f"{name}={value}" for name, value in parameters.items())


def _epoch(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is not a moment")
    return int(moment.timestamp())


class TokenSigner:
    """Short tokens that only we read: cookies, WebSocket tickets, links. One purpose cannot pass for another."""

    _TAG_BYTES = 16

    def __init__(self, secret_key: str) -> None:
        self._secret = secret_key.encode()

    def sign(self, purpose: str, payload: str, expires: datetime | None = None) -> str:
        """`payload.expiry.tag`; the payload is readable, so nothing secret goes in."""
        until = f"{_epoch(expires):x}" if expires else ""
        body = f"{urlsafe_b64encode(payload.encode()).rstrip(b'=').decode()}.{until}"
        return f"{body}.{self._tag(purpose, body)}"

    def verify(self, purpose: str, token: str, now: datetime) -> str | None:
        """The payload, or None for a forged, altered, expired or foreign token."""
        body, _, tag = token.rpartition(".")
        if not (token.isascii() and hmac.compare_digest(tag, self._tag(purpose, body))):
            return None
        payload, _, until = body.partition(".")
        if until and now.astimezone(UTC).timestamp() >= int(until, 16):
            return None
        return urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()

    def derive(self, purpose: str) -> bytes:
        """A key of its own for another use, so that no key has two."""
        return hmac.digest(self._secret, b"derive\0" + purpose.encode(), hashlib.sha256)

    def _tag(self, purpose: str, body: str) -> str:
        digest = hmac.digest(self._secret, f"{purpose}\0{body}".encode(), hashlib.sha256)
        return urlsafe_b64encode(digest[: self._TAG_BYTES]).rstrip(b"=").decode()
