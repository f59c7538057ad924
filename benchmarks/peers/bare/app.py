"""No peer but a limit: the same page of people by the same libraries with nothing around it. No id, no log line, no limits, no
errors, no headers but the length, and a prepared statement for each request at a time."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

PEOPLE = """SELECT id, handle, display_name, bio, avatar, role FROM users
            WHERE status = 'active' AND listed AND id < $1 ORDER BY id DESC LIMIT 21"""
HELLO = b'{"ok":true}'
encode = msgspec.json.Encoder().encode
idle: list[asyncpg.prepared_stmt.PreparedStatement] = []


class Person(msgspec.Struct):
    id: UUID
    handle: str
    display_name: str
    bio: str
    avatar: str | None
    role: str


class Page(msgspec.Struct):
    items: list[Person]
    next: str | None


async def app(scope: Any, receive: Any, send: Any) -> None:
    body = await people(scope["query_string"]) if scope["path"] == "/people" else HELLO
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def people(query: bytes) -> bytes:
    statement = idle.pop() if idle else await prepared()
    try:
        rows = await statement.fetch(UUID(query[len(b"before=") :].decode()))
    finally:
        idle.append(statement)
    shown = [Person(*row) for row in rows[:20]]
    return encode(Page(shown, str(shown[-1].id) if len(rows) > 20 else None))


async def prepared() -> asyncpg.prepared_stmt.PreparedStatement:
    """As many as there are requests at once: a limit would only cost time."""
    connection = await asyncpg.connect(os.environ["DATABASE_URL"], server_settings={"jit": "off"})
    return await connection.prepare(PEOPLE)
