"""RFC 8292: who sends a push, signed, so that a subscription works for us alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from directfanz.backends.push.encryption import point_of
from directfanz.kit.text import to_text

LIVES = timedelta(hours=12)  # a service takes no more than 24
RENEWED_BEFORE = timedelta(hours=1)


class Vapid:
    def __init__(self, private_pem: str, subject: str) -> None:
        key = serialization.load_pem_private_key(private_pem.encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("the key of push is one of P-256")
        self._key, self._subject = ECKey.import_key(private_pem), subject
        self.public = to_text(point_of(key.public_key()))
        self._signed: dict[str, tuple[datetime, str]] = {}

    def header(self, endpoint: str, now: datetime) -> str:
        """One signature serves a service for hours: signing costs more than all the rest of a push."""
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        until, token = self._signed.get(audience, (now, ""))
        if until - now < RENEWED_BEFORE or until - now > LIVES:
            until, token = now + LIVES, self._sign(audience, now + LIVES)
            self._signed[audience] = until, token
        return f"vapid t={token}, k={self.public}"

    def _sign(self, audience: str, until: datetime) -> str:
        claims = {"aud": audience, "exp": int(until.timestamp()), "sub": self._subject}
        return jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, self._key)
