"""Over SMTP, on connections that are kept for the next letter.

`smtps://` is TLS from the start. `smtp://` asks for STARTTLS and insists on it, but on this machine, or where the address
ends in `?starttls=never`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from directfanz.backends.email.letter import Letter
from directfanz.errors import ConfigurationError, DirectFanzError, Rejected, Unavailable

CONNECTIONS = 4
TIMEOUT_SECONDS = 15
WAIT_SECONDS = 60
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    user: str | None
    password: str | None
    tls: Literal["always", "starttls", "never"]


def read_url(url: str) -> Server:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port, parts = None, urlsplit("")
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ConfigurationError("DIRECTFANZ_SMTP_URL must look like smtp://user:password@mail.example.com:587.")
    query = parse_qs(parts.query, keep_blank_values=True)
    if query not in ({}, {"starttls": ["never"]}):
        raise ConfigurationError("DIRECTFANZ_SMTP_URL takes no other option than ?starttls=never.")
    tls: Literal["always", "starttls", "never"] = "starttls"
    if parts.scheme == "smtps":
        tls = "always"
    elif query or parts.hostname in _HERE:
        tls = "never"
    return Server(
        host=parts.hostname,
        port=port or (465 if tls == "always" else 587),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
    )


class SmtpCarrier:
    def __init__(
        self, server: Server, *, connections: int = CONNECTIONS, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._server = server
        self._timeout = timeout_seconds
        self._idle: list[aiosmtplib.SMTP] = []
        self._slots = asyncio.Semaphore(connections)

    async def carry(self, letter: Letter) -> str:
        try:
            async with asyncio.timeout(WAIT_SECONDS), self._slots:
                await self._hand_over(letter)
        except TimeoutError:
            raise Unavailable("The mail server took too long.") from None
        return letter.message_id

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_leave(connection) for connection in idle))

    async def _hand_over(self, letter: Letter) -> None:
        """A kept connection may have been closed by the other side: then once more on a new one."""
        while self._idle:
            with suppress(aiosmtplib.SMTPServerDisconnected):
                return await self._on(self._idle.pop(), letter)
        with _translated():
            connection = self._new()
            await connection.connect()
        try:
            await self._on(connection, letter)
        except aiosmtplib.SMTPServerDisconnected as error:
            raise Unavailable("The mail server hung up.") from error

    async def _on(self, connection: aiosmtplib.SMTP, letter: Letter) -> None:
        try:
            with _translated():
                await connection.send_message(letter.mime(), sender=letter.sender.addr_spec, recipients=[letter.to])
        except BaseException as error:
            # After a clear refusal the connection is as good as before.
            if isinstance(error, DirectFanzError) and connection.is_connected:
                self._idle.append(connection)
            else:
                connection.close()
            raise
        self._idle.append(connection)

    def _new(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls == "always",
            start_tls=server.tls == "starttls" if server.tls != "always" else None,
            timeout=self._timeout,
            local_hostname="localhost",  # the default asks the network for our name, and blocks
        )


async def _leave(connection: aiosmtplib.SMTP) -> None:
    with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        await connection.quit()
    connection.close()


class _translated:  # noqa: N801 - reads as a word in `with`
    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, aiosmtplib.SMTPServerDisconnected) or error is None:
            return
        if isinstance(error, aiosmtplib.SMTPException | OSError):
            raise _said(error) from error


def _said(error: Exception) -> DirectFanzError:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Unavailable("The mail server refuses our name or password.")  # mended without touching the letter
    if isinstance(error, aiosmtplib.SMTPResponseException):
        said = f"The mail server said {error.code}."
        return Rejected(said) if 500 <= error.code < 600 else Unavailable(said)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return Rejected("The mail server cannot take this letter or this kind of connection.")
    return Unavailable(f"The mail server does not answer: {type(error).__name__}.")
