"""What is secret about an account, and how it is kept so that a copy of the database opens nothing.

A key of its own is derived from the installation's for each use. Random tokens are kept as SHA-256; what is short
enough to be guessed (recovery codes) is hashed under a key; what must be read again (TOTP secrets) is sealed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from directfanz.domains.accounts.models import Purpose
from directfanz.kit.signing import TokenSigner

_NONCE_BYTES = 12
_TAG_BYTES = 24
# Without 0, 1, I, L, O and U: codes are printed and typed.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12


def token_hash(token: str) -> bytes:
    """For tokens of 256 random bits: nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()


def link_token(tokens: TokenSigner, purpose: Purpose, request_id: UUID) -> str:
    """The secret of a mailed link. Made anew where the mail is written, so neither table nor job queue holds it."""
    return _b64(request_id.bytes + _link_tag(tokens, purpose, request_id.bytes))


def opened_link(tokens: TokenSigner, purpose: Purpose, token: str) -> UUID | None:
    """Which request a link belongs to; None for anything we did not make for this purpose."""
    raw = _unb64(token)
    if raw is None or len(raw) != 16 + _TAG_BYTES:
        return None
    if not hmac.compare_digest(raw[16:], _link_tag(tokens, purpose, raw[:16])):
        return None
    return UUID(bytes=raw[:16])


def new_recovery_code() -> str:
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def recovery_hash(tokens: TokenSigner, user_id: UUID, code: str) -> bytes:
    """As people type it: any case, with or without dashes and spaces."""
    plain = "".join(each for each in code.upper() if each.isalnum())
    return hmac.digest(tokens.derive("recovery-codes"), user_id.bytes + plain.encode(), hashlib.sha256)


def sealed(tokens: TokenSigner, owner: UUID, text: str) -> bytes:
    """Bound to its owner: moved to another row it does not open."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(tokens.derive("totp-secrets")).encrypt(nonce, text.encode(), owner.bytes)


def unsealed(tokens: TokenSigner, owner: UUID, data: bytes) -> str | None:
    """None when the installation's key is another than at sealing."""
    try:
        plain = AESGCM(tokens.derive("totp-secrets")).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], owner.bytes)
    except InvalidTag:
        return None
    return plain.decode()


def address_key(tokens: TokenSigner, email: str) -> str:
    """Names an address in the cache without telling it."""
    return hmac.digest(tokens.derive("address-keys"), email.lower().encode(), hashlib.sha256)[:16].hex()


def ticket(tokens: TokenSigner, purpose: str, expires: datetime, *parts: str) -> str:
    """Carries a flow from one step to the next, through the browser. Readable, so nothing secret goes in."""
    return tokens.sign(purpose, msgspec.json.encode(parts).decode(), expires)


def opened_ticket(tokens: TokenSigner, purpose: str, text: str, now: datetime) -> list[str] | None:
    payload = tokens.verify(purpose, text, now)
    return None if payload is None else msgspec.json.decode(payload, type=list[str])


def _link_tag(tokens: TokenSigner, purpose: Purpose, request_id: bytes) -> bytes:
    return hmac.digest(tokens.derive(f"link-{purpose}"), request_id, hashlib.sha256)[:_TAG_BYTES]


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes | None:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, UnicodeEncodeError):
        return None
