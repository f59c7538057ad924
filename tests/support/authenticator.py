"""A passkey device in software: it makes real keys and signs what a real one would."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Credential:
    key: ec.EllipticCurvePrivateKey
    credential_id: bytes
    user_handle: bytes
    rp_id: str
    count: int = 0


@dataclass
class Authenticator:
    """The switches make it misbehave, or be a lesser device."""

    origin: str = "http://localhost:8080"
    verifies_people: bool = True
    counts: bool = True
    credentials: list[Credential] = field(default_factory=list)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        known = {each["id"] for each in options.get("excludeCredentials", [])}
        if any(_text(each.credential_id) in known for each in self.credentials):
            raise RuntimeError("this device has a passkey for this account already")
        key = ec.generate_private_key(ec.SECP256R1())
        made = Credential(key, secrets.token_bytes(32), _bytes(options["user"]["id"]), options["rp"]["id"])
        self.credentials.append(made)
        client_data = self._client_data("webauthn.create", options["challenge"])
        data = self._data(made, ATTESTED) + bytes(16) + struct.pack(">H", 32) + made.credential_id + _cose(key)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            made,
            {"clientDataJSON": _text(client_data), "attestationObject": _text(attestation), "transports": ["internal"]},
        )

    def get(self, options: dict[str, Any], which: int = -1) -> dict[str, Any]:
        """Discoverable: the options name no credential, the device offers its own."""
        used = self.credentials[which]
        if self.counts:
            used.count += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._data(used)
        signature = used.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            used,
            {
                "clientDataJSON": _text(client_data),
                "authenticatorData": _text(data),
                "signature": _text(signature),
                "userHandle": _text(used.user_handle),
            },
        )

    def _data(self, credential: Credential, flags: int = 0) -> bytes:
        flags |= PRESENT | BACKUP_ELIGIBLE | BACKED_UP | (VERIFIED if self.verifies_people else 0)
        return hashlib.sha256(credential.rp_id.encode()).digest() + struct.pack(">BI", flags, credential.count)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, credential: Credential, response: dict[str, Any]) -> dict[str, Any]:
        name = _text(credential.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _cose(key: ec.EllipticCurvePrivateKey) -> bytes:
    numbers = key.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
