"""A connection whose socket we hold ourselves: simple queries, and COPY that is passed on unread."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from collections.abc import Iterator

from directfanz.migrate.errors import blame
from directfanz.migrate.side import APPLICATION, CONNECT_SECONDS, SESSION, Side
from directfanz.migrate.wire import protocol
from directfanz.migrate.wire.protocol import SSL_REQUEST, Scram, WireProblem, frame, startup

SILENCE_SECONDS = 900  # a server that says nothing for so long is away
RECEIVE_BYTES = 1 << 18
Rows = list[tuple[str | None, ...]]


class Wire:
    def __init__(self, side: Side, *, purpose: str = "", replication: bool = False) -> None:
        words = side.words
        self.side, self.buffer = side, b""
        self.socket = dialled(words)
        try:
            self.socket.settimeout(SILENCE_SECONDS)
            self._greet(words, purpose, replication)
        except BaseException:
            self.socket.close()
            raise

    def _greet(self, words: dict[str, str], purpose: str, replication: bool) -> None:
        user = words.get("user", "postgres")
        hello = {"user": user, "database": words.get("dbname", user), "client_encoding": "UTF8"}
        hello |= {"application_name": f"{APPLICATION} {purpose}".strip()} | SESSION
        if replication:
            hello["replication"] = "database"
        self.socket.sendall(startup(hello))
        self._let_in(user, words.get("password", ""))
        while self.message()[0] != b"Z":
            pass

    def _let_in(self, user: str, password: str) -> None:
        scram = Scram(password)
        while True:
            kind, body = self.message()
            if kind != b"R":
                raise WireProblem("the server speaks another protocol")
            (asked,) = struct.unpack_from("!I", body)
            if asked == 0:
                return
            if asked == 12:
                scram.check(body[4:])
                continue
            self.socket.sendall(frame(b"p", _answer(asked, body, scram, user, password)))

    def message(self) -> tuple[bytes, bytes]:
        while len(self.buffer) < 5 or len(self.buffer) < 1 + struct.unpack_from("!I", self.buffer, 1)[0]:
            self._fill()
        end = 1 + struct.unpack_from("!I", self.buffer, 1)[0]
        kind, body, self.buffer = self.buffer[:1], self.buffer[5:end], self.buffer[end:]
        if kind == b"E":
            raise protocol.problem(body)
        return kind, body

    def _fill(self) -> None:
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise WireProblem("the connection was closed")
        self.buffer += data

    def query(self, text: str) -> Rows:
        """Rows of the last statement. An error is raised when the server is ready again, and blamed on this server: inside
        a copy there is another one."""
        with blamed(self.side):
            return self._answered(text)

    def _answered(self, text: str) -> Rows:
        self.socket.sendall(frame(b"Q", text.encode() + b"\0"))
        rows: Rows = []
        failed: WireProblem | None = None
        while True:
            try:
                kind, body = self.message()
            except WireProblem as error:
                if not error.sqlstate or error.sqlstate.startswith("57P"):
                    raise
                failed = error
                continue
            if kind == b"T":
                rows = []
            elif kind == b"D":
                rows.append(protocol.row(body))
            elif kind == b"Z":
                if failed:
                    raise failed
                return rows

    def begin_copy(self, text: str) -> None:
        self.socket.sendall(frame(b"Q", text.encode() + b"\0"))
        while self.message()[0] not in (b"H", b"G"):
            pass

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.sendall(frame(b"X"))
        self.socket.close()


@contextlib.contextmanager
def wire(side: Side, purpose: str = "", *, replication: bool = False) -> Iterator[Wire]:
    """What the server says wrong inside is blamed on its side."""
    with blamed(side):
        opened = Wire(side, purpose=purpose, replication=replication)
        try:
            yield opened
        finally:
            opened.close()


@contextlib.contextmanager
def blamed(side: Side) -> Iterator[None]:
    try:
        yield
    except WireProblem as error:
        raise blame(side.name, error.message, error.sqlstate) from error
    except OSError as error:
        raise blame(side.name, f"the connection broke ({error})") from error


def _answer(asked: int, body: bytes, scram: Scram, user: str, password: str) -> bytes:
    if asked == 3:
        return password.encode() + b"\0"
    if asked == 5:
        return protocol.md5_answer(user, password, body[4:8])
    if asked == 10:
        return scram.first()
    if asked == 11:
        return scram.final(body[4:])
    raise WireProblem(f"the server wants a way of signing in ({asked}) that we do not know")


def dialled(words: dict[str, str]) -> socket.socket:
    """To the server, under TLS where the address wants it. Errors say why."""
    plain = _connected(words)
    try:
        return _secured(plain, words)
    except BaseException:
        plain.close()
        raise


def _connected(words: dict[str, str]) -> socket.socket:
    host, port = words.get("hostaddr") or words.get("host", "localhost"), int(words.get("port", "5432"))
    if host.startswith("/"):
        local = socket.socket(socket.AF_UNIX)
        local.connect(f"{host}/.s.PGSQL.{port}")
        return local
    found = socket.create_connection((host, port), CONNECT_SECONDS)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return found


def _secured(plain: socket.socket, words: dict[str, str]) -> socket.socket:
    """As libpq does: `prefer` is the default, and only verify-* believe nobody without a certificate."""
    mode = words.get("sslmode", "prefer")
    if mode in ("disable", "allow") or plain.family == socket.AF_UNIX:
        return plain
    plain.sendall(SSL_REQUEST)
    if plain.recv(1) != b"S":
        if mode == "prefer":
            return plain
        raise WireProblem(f"the server has no TLS, and sslmode={mode} insists on it")
    root = words.get("sslrootcert")
    context = ssl.create_default_context(cafile=None if root in (None, "system") else root)
    context.check_hostname = mode == "verify-full"
    if not mode.startswith("verify-"):
        context.verify_mode = ssl.CERT_NONE
    if "sslcert" in words:
        context.load_cert_chain(words["sslcert"], words.get("sslkey"))
    return context.wrap_socket(plain, server_hostname=words.get("host"))
