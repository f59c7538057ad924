"""RFC 8291: a message only the browser can read. One record of `aes128gcm` (RFC 8188)."""

from __future__ import annotations

import os
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

RECORD_BYTES = 4096
SALT_BYTES, AUTH_BYTES, POINT_BYTES = 16, 16, 65
_LAST_RECORD = b"\x02"


def encrypted(
    data: bytes, receiver: bytes, auth: bytes, *, sender: ec.EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """ValueError for a key that is no point of the curve. `sender` and `salt` are new for each message; tests give those of the RFC."""
    if len(auth) != AUTH_BYTES:
        raise ValueError("the secret of a subscription has 16 bytes")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), receiver)
    ours, salt = sender or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(SALT_BYTES)
    point = point_of(ours.public_key())
    key, nonce = content_key(ours.exchange(ec.ECDH(), theirs), receiver, point, auth, salt)
    sealed = AESGCM(key).encrypt(nonce, data + _LAST_RECORD, None)
    return salt + struct.pack("!IB", RECORD_BYTES, len(point)) + point + sealed


def content_key(shared: bytes, receiver: bytes, sender: bytes, auth: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """The key and the nonce, alike on both sides."""
    secret = _derived(shared, auth, b"WebPush: info\0" + receiver + sender, 32)
    return (
        _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16),
        _derived(secret, salt, b"Content-Encoding: nonce\0", 12),
    )


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
