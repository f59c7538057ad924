"""Signatures: CloudFront's format for media, and small signed tokens for everything that only we read.

CloudFront takes a policy (canned: one URL and its end; custom: a path pattern, a start and an address range),
signed with SHA-1 by an RSA or ECDSA P-256 key, in base64 with `+ = /` written as `- _ ~`. The edge here verifies the same
format, so a link made by this module opens at both. SHA-1 is what that format prescribes; it is used nowhere else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import b64decode, b64encode
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_network
from math import floor

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from directfanz.kit.text import from_text, to_text

_TO_URL = str.maketrans("+=/", "-_~")
_FROM_URL = str.maketrans("-_~", "+=/")
# What an address is made of once everything else in it is escaped, and the same with `*`.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~%!$&'()+,;=:@/?\[\]-]+", re.ASCII)
_PATTERN = re.compile(r"[A-Za-z0-9._~%!$&'()*+,;=:@/?\[\]-]+", re.ASCII)
_SIGNING = re.compile(r"[?&](Expires|Policy|Signature|Key-Pair-Id)=")
PURPOSES = 64
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
        _require_address(url)
        query = {"Expires": str(_epoch(expires)), "Signature": self._sign(canned_policy(url, expires))}
        return _with_query(url, {**query, "Key-Pair-Id": self.key_pair_id})

    def sign_url_for(self, url: str, policy: str) -> str:
        """A URL under a custom policy, such as a path prefix with `*`."""
        _require_address(url)
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
    """`resource` may hold `*` for any characters and `?` for one; `address` is one, or a network such as 192.0.2.0/24."""
    if not _PATTERN.fullmatch(resource):
        raise ValueError(f"{resource[:80]!r} matches no address: escape what is not ASCII")
    condition: dict[str, dict[str, int | str]] = {"DateLessThan": {"AWS:EpochTime": _epoch(expires)}}
    if address is not None:
        condition["IpAddress"] = {"AWS:SourceIp": str(ip_network(address))}
    if starts is not None:
        condition["DateGreaterThan"] = {"AWS:EpochTime": _epoch(starts)}
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
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public


def encode(data: bytes) -> str:
    return b64encode(data).decode().translate(_TO_URL)


def decode(text: str) -> bytes:
    """ValueError for any text that `encode` does not make."""
    data = b64decode(text.translate(_FROM_URL), validate=True)
    if encode(data) != text:
        raise ValueError("not the one spelling of any bytes")
    return data


def _statement(statement: dict[str, object]) -> str:
    return json.dumps({"Statement": [statement]}, separators=(",", ":"))


def _with_query(url: str, parameters: dict[str, str]) -> str:
    joiner = "&" if "?" in url else "?"
    return url + joiner + "&".join(f"{name}={value}" for name, value in parameters.items())


def _require_address(url: str) -> None:
    """What the edge would see differently than it was signed must not be signed."""
    if not _ADDRESS.fullmatch(url) or url.endswith("?") or _SIGNING.search(url):
        raise ValueError(f"{url[:80]!r} cannot be signed: give the whole address, escaped, without a fragment")


def _epoch(moment: datetime) -> int:
    return floor(_seconds(moment))


def _seconds(moment: datetime) -> float:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is not a moment")
    return moment.timestamp()


class TokenSigner:
    """Short tokens that only we read: cookies, WebSocket tickets, links. One purpose cannot pass for another."""

    _TAG_BYTES = 16

    def __init__(self, secret_key: str) -> None:
        self._secret = secret_key.encode()
        self._derived = lru_cache(PURPOSES)(self._derive)

    def sign(self, purpose: str, payload: str, expires: datetime | None = None) -> str:
        """`payload.expiry.tag`; the payload is readable, so nothing secret goes in."""
        until = f"{_epoch(expires):x}" if expires else ""
        body = f"{to_text(payload.encode())}.{until}"
        return f"{body}.{self._tag(purpose, body)}"

    def verify(self, purpose: str, token: str, now: datetime) -> str | None:
        """The payload, or None for a forged, altered, expired or foreign token."""
        body, _, tag = token.rpartition(".")
        if not (token.isascii() and hmac.compare_digest(tag, self._tag(purpose, body))):
            return None
        payload, _, until = body.partition(".")
        if until and _seconds(now) >= int(until, 16):
            return None
        return from_text(payload).decode()

    def derive(self, purpose: str) -> bytes:
        """A key of its own for another use, so that no key has two."""
        return self._derived(purpose)

    def _derive(self, purpose: str) -> bytes:
        return hmac.digest(self._secret, b"derive\0" + purpose.encode(), hashlib.sha256)

    def _tag(self, purpose: str, body: str) -> str:
        if "\0" in purpose:
            raise ValueError("a purpose is a word")
        digest = hmac.digest(self._secret, f"token\0{purpose}\0{body}".encode(), hashlib.sha256)
        return to_text(digest[: self._TAG_BYTES])
