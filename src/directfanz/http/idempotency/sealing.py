"""A kept answer may hold a secret that is shown only once, such as a new access token. So it is sealed with a key made from
the client's own Idempotency-Key, of which only the hash is stored: who reads the table cannot read the answers.
"""

from __future__ import annotations

import hashlib
import hmac
import os

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class Kept(msgspec.Struct, frozen=True, array_like=True):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def seal(secret: bytes, key: bytes, kept: Kept) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(secret, key).encrypt(nonce, msgspec.msgpack.encode(kept), None)


def open_kept(secret: bytes, key: bytes, sealed: bytes) -> Kept:
    plain = _cipher(secret, key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
    return msgspec.msgpack.decode(plain, type=Kept)


def _cipher(secret: bytes, key: bytes) -> AESGCM:
    return AESGCM(hmac.digest(secret, key, hashlib.sha256))
