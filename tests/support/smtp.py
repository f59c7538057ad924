"""An SMTP server that tests can shape: encryption, passwords, hanging up."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.2"  # loopback, but not one of the names that count as this machine


@dataclass
class Server:
    port: int = 0
    connections: int = 0
    mails: list[tuple[bool, bytes]] = field(default_factory=list)  # (encrypted, mail)
    open_connections: list[asyncio.Transport] = field(default_factory=list)

    def hang_up(self) -> None:
        for transport in self.open_connections:
            transport.abort()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        assert server.transport
        self.mails.append((server.transport.get_extra_info("ssl_object") is not None, envelope.content))
        return "250 OK"


class _Watched(SMTP):
    def __init__(self, watcher: Server, **options: Any) -> None:
        super().__init__(watcher, **options)
        self._watcher = watcher

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)
        self._watcher.connections += 1
        self._watcher.open_connections.append(transport)


@asynccontextmanager
async def smtp_server(
    *, tls: ssl.SSLContext | None = None, from_the_start: bool = False, password: bytes | None = None
) -> AsyncIterator[Server]:
    watcher = Server()

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        return AuthResult(success=getattr(data, "password", None) == password, handled=False)

    def protocol() -> SMTP:
        return _Watched(
            watcher,
            hostname="test",
            tls_context=None if from_the_start else tls,
            require_starttls=bool(tls) and not from_the_start,
            authenticator=check if password else None,
            auth_required=bool(password),
            loop=asyncio.get_running_loop(),
        )

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(protocol, HOST, 0, ssl=tls if from_the_start else None)
    watcher.port = listening.sockets[0].getsockname()[1]
    try:
        yield watcher
    finally:
        listening.close()
        watcher.hang_up()
        await listening.wait_closed()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """For HOST, signed by itself: where it is trusted, the file is all it takes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "trusted.pem", folder / "key.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(trusted, secret)
    return trusted, context
