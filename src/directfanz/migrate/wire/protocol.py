"""Frames, the way in, and the end of a COPY. No I/O."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
import unicodedata

from directfanz.migrate.errors import MigrationError

PROTOCOL_3 = 196_608
SSL_REQUEST = struct.pack("!II", 8, 80_877_103)
MECHANISM = b"SCRAM-SHA-256"
# CopyDone, CommandComplete, ReadyForQuery: a stream of rows that ends well ends like this, in one piece.
TRAILER = re.compile(rb"c\x00\x00\x00\x04C\x00\x00\x00.COPY (\d+)\x00Z\x00\x00\x00\x05[ITE]\Z", re.S)
TRAILER_BYTES = 64
READY = re.compile(rb"Z\x00\x00\x00\x05[ITE]\Z", re.S)
FAILED = re.compile(rb"E(.{4})S(?:ERROR|FATAL|PANIC)\x00", re.S)


class WireProblem(MigrationError):
    """What the server said, or that it went away."""

    def __init__(self, message: str, sqlstate: str = "") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


def frame(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def startup(words: dict[str, str]) -> bytes:
    body = (
        struct.pack("!I", PROTOCOL_3) + b"".join(f"{name}\0{value}\0".encode() for name, value in words.items()) + b"\0"
    )
    return struct.pack("!I", len(body) + 4) + body


def problem(body: bytes) -> WireProblem:
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    words = ". ".join(fields[key] for key in (b"M", b"D", b"W") if key in fields)
    return WireProblem(words or "an error without words", fields.get(b"C", ""))


def failure_at_end(tail: bytes) -> WireProblem | None:
    """An error that ended a COPY: its frame reaches exactly to the ReadyForQuery that ends `tail`."""
    if not READY.search(tail):
        return None
    for found in FAILED.finditer(tail):
        end = found.start() + 1 + int(struct.unpack("!I", found[1])[0])
        if end == len(tail) - 6:
            return problem(tail[found.start() + 5 : end])
    return None


def row(body: bytes) -> tuple[str | None, ...]:
    values: list[str | None] = []
    at = 2
    for _ in range(struct.unpack_from("!H", body)[0]):
        (length,) = struct.unpack_from("!i", body, at)
        at += 4
        values.append(None if length < 0 else body[at : at + length].decode())
        at += max(0, length)
    return tuple(values)


def md5_answer(user: str, password: str, salt: bytes) -> bytes:
    inner = hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest().encode()
    return b"md5" + hashlib.md5(inner + salt, usedforsecurity=False).hexdigest().encode() + b"\0"


class Scram:
    """RFC 5802 with SHA-256, without channel binding; the server must prove that it knows the password too."""

    def __init__(self, password: str) -> None:
        self._password = unicodedata.normalize("NFKC", password).encode()
        self._nonce = secrets.token_urlsafe(18)
        self._first = f"n=,r={self._nonce}"
        self._proof_of_server = b""

    def first(self) -> bytes:
        words = ("n,," + self._first).encode()
        return MECHANISM + b"\0" + struct.pack("!I", len(words)) + words

    def final(self, challenge: bytes) -> bytes:
        words = dict(part.split("=", 1) for part in challenge.decode().split(","))
        if not words["r"].startswith(self._nonce):
            raise WireProblem("the server answered to somebody else's greeting")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, base64.b64decode(words["s"]), int(words["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        plain = f"c=biws,r={words['r']}"
        said = f"{self._first},{challenge.decode()},{plain}".encode()
        signature = hmac.digest(hashlib.sha256(key).digest(), said, "sha256")
        server_key = hmac.digest(salted, b"Server Key", "sha256")
        self._proof_of_server = base64.b64encode(hmac.digest(server_key, said, "sha256"))
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signature, strict=True))).decode()
        return f"{plain},p={proof}".encode()

    def check(self, final: bytes) -> None:
        if not hmac.compare_digest(final, b"v=" + self._proof_of_server):
            raise WireProblem("the server does not know our password: this is not the server we think it is")
