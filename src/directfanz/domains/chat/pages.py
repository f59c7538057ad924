"""A chat by itself: for a second window, a phone beside a television, or a dock of the broadcasting program."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from directfanz.backends import Backends
from directfanz.domains.chat.service import entering
from directfanz.http.caller import Caller
from directfanz.http.dependencies import Given
from directfanz.http.pages import render


@get("/chats/{room_id:uuid}", include_in_schema=False)
async def chat_page(
    request: Request[Any, Any, Any], backends: Given[Backends], caller: Given[Caller], room_id: FromPath[UUID]
) -> Response[str]:
    entry = await entering.enter(backends, caller.user_id, room_id)
    return render(request, "chat/room.html", room=entry.room)


routes = [chat_page]
