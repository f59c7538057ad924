"""The keys that tokens are signed with. They outlive a restart; an old one verifies until the one after it is old too."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, KeySet, RSAKey

from directfanz.kit.ids import new_token
from directfanz.local.files import write_private

Algorithm = Literal["RS256", "ES256"]
ALGORITHMS: tuple[Algorithm, ...] = ("RS256", "ES256")
PUBLISHED_PER_ALGORITHM = 2
RSA_BITS = 2048


class KeyRing:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._keys: list[RSAKey | ECKey] = []  # newest first

    def open(self) -> None:
        if self._file.exists():
            found: list[dict[str, Any]] = msgspec.json.decode(self._file.read_bytes())["keys"]
            self._keys = [_import(key) for key in found]
        else:
            self.rotate()

    def rotate(self) -> None:
        """New keys sign from now on; the ones before them still verify."""
        made = [_new(algorithm) for algorithm in ALGORITHMS]
        kept = [key for algorithm in ALGORITHMS for key in self._of(algorithm)[: PUBLISHED_PER_ALGORITHM - 1]]
        self._keys = [*made, *kept]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_private(self._file, msgspec.json.encode(self._set().as_dict(private=True)).decode())

    def published(self) -> dict[str, Any]:
        return dict(self._set().as_dict(private=False))

    def sign(self, claims: dict[str, Any], algorithm: Algorithm) -> str:
        return _signed(claims, algorithm, self._of(algorithm)[0])

    def _of(self, algorithm: Algorithm) -> list[RSAKey | ECKey]:
        return [key for key in self._keys if key.alg == algorithm]

    def _set(self) -> KeySet:
        return KeySet(list(self._keys))


def sign_with_unknown_key(claims: dict[str, Any], algorithm: Algorithm) -> str:
    """A key that was never published, under a name of its own."""
    return _signed(claims, algorithm, _new(algorithm))


def _signed(claims: dict[str, Any], algorithm: Algorithm, key: RSAKey | ECKey) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=[algorithm])


def _new(algorithm: Algorithm) -> RSAKey | ECKey:
    about: KeyParameters = {"kid": new_token(9), "use": "sig", "alg": algorithm}
    if algorithm == "RS256":
        return RSAKey.generate_key(RSA_BITS, about)
    return ECKey.generate_key("P-256", about)


def _import(key: dict[str, Any]) -> RSAKey | ECKey:
    return RSAKey.import_key(key) if key["kty"] == "RSA" else ECKey.import_key(key)
