"""The id token: who somebody is, signed. Or, with a trick, something that must not be believed."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

import msgspec

from directfanz.local.simulators.oidc.keys import Algorithm, KeyRing, sign_with_unknown_key
from directfanz.local.simulators.oidc.people import Person
from directfanz.local.simulators.oidc.tricks import altered_claims

LIVES_SECONDS = 600


def id_token_of(
    keys: KeyRing,
    algorithm: Algorithm,
    *,
    issuer: str,
    client_id: str,
    person: Person,
    nonce: str,
    signed_in_at: datetime,
    now: datetime,
    trick: str = "",
) -> str:
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": person.subject,
        "aud": client_id,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + LIVES_SECONDS,
        "auth_time": int(signed_in_at.timestamp()),
        "name": person.name,
        "email": person.email,
        "email_verified": True,
    } | ({"nonce": nonce} if nonce else {})
    return _signed(keys, algorithm, altered_claims(trick, claims), trick)


def _signed(keys: KeyRing, algorithm: Algorithm, claims: dict[str, Any], trick: str) -> str:
    if trick == "unsigned":
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."
    if trick == "symmetric":
        return _with_public_key_as_password(keys, claims)
    if trick == "unknown_key":
        return sign_with_unknown_key(claims, algorithm)
    token = keys.sign(claims, algorithm)
    return _altered(token) if trick == "bad_signature" else token


def _altered(token: str) -> str:
    """Somebody else's name, under the signature of the first."""
    header, body, signature = token.split(".")
    claims = msgspec.json.decode(_unb64(body))
    return f"{header}.{_part(claims | {'sub': 'olu-e81b', 'email': 'olu@example.com'})}.{signature}"


def _with_public_key_as_password(keys: KeyRing, claims: dict[str, Any]) -> str:
    public = keys.published()["keys"][0]
    text = f"{_part({'alg': 'HS256', 'kid': public['kid'], 'typ': 'JWT'})}.{_part(claims)}"
    digest = hmac.digest(msgspec.json.encode(public), text.encode(), hashlib.sha256)
    return f"{text}.{_b64(digest)}"


def _part(value: dict[str, Any]) -> str:
    return _b64(msgspec.json.encode(value))


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
