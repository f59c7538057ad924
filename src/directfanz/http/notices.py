"""Short messages that survive one redirect: "Saved.", "We sent you a mail."

They travel in a signed cookie, are shown once, and are gone. A forged one is ignored.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from directfanz.http.arrival import Arrival, HasScope, arrival_of
from directfanz.kit.signing import TokenSigner

COOKIE = "df_notice"
PURPOSE = "notice"
LIVES = timedelta(minutes=5)
MOST = 5
Kind = Literal["done", "info", "warning", "problem"]


class Notice(msgspec.Struct, frozen=True, array_like=True):
    kind: str
    text: str


def notify(request: HasScope, text: str, kind: Kind = "done") -> None:
    """Shown by the page that answers this request, or by the one it redirects to."""
    arrival_of(request).notices.append((kind, text[:300]))


def read_notices(arrival: Arrival, tokens: TokenSigner, now: datetime) -> list[Notice]:
    """What the last page left and what this request said, once."""
    waiting = [*_from_cookie(arrival, tokens, now), *(Notice(*each) for each in arrival.notices)]
    arrival.notices = []
    arrival.notices_read = True
    return waiting[:MOST]


def notice_cookie(arrival: Arrival, tokens: TokenSigner, now: datetime, secure: bool) -> bytes | None:
    """The Set-Cookie header that carries notices on, or takes read ones away."""
    rest = b"; Path=/; HttpOnly; SameSite=Lax" + (b"; Secure" if secure else b"")
    if arrival.notices:
        payload = msgspec.json.encode(arrival.notices[:MOST]).decode()
        token = tokens.sign(PURPOSE, payload, now + LIVES)
        return f"{COOKIE}={token}; Max-Age={int(LIVES.total_seconds())}".encode() + rest
    if arrival.notices_read and COOKIE in arrival.cookies:
        return f"{COOKIE}=; Max-Age=0".encode() + rest
    return None


def _from_cookie(arrival: Arrival, tokens: TokenSigner, now: datetime) -> list[Notice]:
    token = arrival.cookies.get(COOKIE)
    payload = tokens.verify(PURPOSE, token, now) if token else None
    return msgspec.json.decode(payload, type=list[Notice]) if payload else []
