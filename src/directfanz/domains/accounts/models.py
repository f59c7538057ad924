"""People, their credentials and where they are signed in, as the rest of the code sees them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from directfanz.http.caller import Role

Status = Literal["unverified", "active", "suspended", "closing", "erased"]
Theme = Literal["system", "light", "dark"]
Method = Literal["password", "passkey", "oidc", "sign_up"]
Purpose = Literal["verify", "verify_again", "reset", "change", "undo_change", "warn_of_attempts"]

# Which state may follow which. `closing` is the time in which a person may still change their mind. Nobody is suspended in it:
# what they asked for must not be lost, and an account that closes is not seen by anybody.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    "unverified": frozenset({"active", "erased"}),
    "active": frozenset({"suspended", "closing"}),
    "suspended": frozenset({"active"}),
    "closing": frozenset({"active", "erased"}),
    "erased": frozenset(),
}
# In these the person can sign in: who is closing the account must be able to come back for it.
MAY_SIGN_IN: frozenset[Status] = frozenset({"active", "closing"})

SESSION_LIVES = timedelta(days=30)
SESSION_LIVES_AT_MOST = timedelta(days=365)
SEEN_EVERY = timedelta(minutes=1)
FRESH = timedelta(minutes=15)
SESSIONS_PER_PERSON = 50
TOKENS_PER_PERSON = 50
PASSKEYS_PER_PERSON = 20
RECOVERY_CODES = 10
HANDLE_KEPT = timedelta(days=30)

# How long a mailed link works. An account that is not verified by then is taken away.
LINK_LIVES: dict[Purpose, timedelta] = {
    "verify": timedelta(hours=48),
    "verify_again": timedelta(hours=48),
    "reset": timedelta(hours=1),
    "change": timedelta(hours=24),
    "undo_change": timedelta(days=14),
    "warn_of_attempts": timedelta(hours=24),
}

# What a personal access token may be allowed to do, in words for the person who makes it.
SCOPES: dict[str, str] = {
    "profile:read": "Read your profile and preferences",
    "profile:write": "Change your profile, preferences and avatar",
    "notifications:read": "Read your notifications",
    "notifications:write": "Mark notifications as read and change what you are told",
    "creators:read": "Read your pages, their teams, and whom you follow",
    "creators:write": "Change your pages, follow and unfollow",
    "posts:write": "Write, change and publish posts of your pages",
    "feed:read": "Read your home feed",
    "feed:write": "Say what you want to see less of, and make podcast addresses",
    "chat:write": "Speak and vote in chats",
    "chat:moderate": "Moderate the chats of your pages and ask polls in them",
    "community:read": "See your playlists, your blocks, and what is said on your pages",
    "community:write": "Comment, react, block, and look after what is said on your pages",
    "memberships:read": "Read your memberships, gifts and what is open to you",
    "memberships:write": "Change, pause and cancel your memberships, claim gifts",
    "money:read": "Read your orders and receipts, and the money of your pages",
    "money:write": "Begin payments, set your spend cap, give money back, answer disputes",
    "admin:read": "Read users and the audit log (administrators)",
    "admin:write": "Suspend users and change roles (administrators)",
}


AVATAR_SIZES = (512, 256, 128, 64)


def avatar_key(avatar: str, size: int) -> str:
    """In the bucket `public`."""
    return f"avatars/{avatar}/{size}.webp"


def avatar_url(avatar: str | None, size: int = 128) -> str | None:
    """The name tells the content, so the edge keeps it for ever."""
    return f"/public/{avatar_key(avatar, size)}" if avatar else None


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `users`."""

    id: UUID
    email: str | None
    handle: str
    display_name: str
    bio: str
    avatar: str | None
    role: Role
    status: Status
    status_reason: str | None
    locale: str
    timezone: str
    theme: Theme
    listed: bool
    created_at: datetime
    updated_at: datetime


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """What anybody may see of somebody. `avatar` is an address."""

    id: UUID
    handle: str
    display_name: str
    bio: str
    avatar: str | None
    role: Role


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request that carries no session comes from. `device` is the cookie of a browser that signed in before."""

    address: str
    user_agent: str = ""
    device: str | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One browser that is signed in, as its owner sees it."""

    id: UUID
    method: Method
    device: str
    address_prefix: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A session was opened. Both values go into cookies; they are shown nowhere else."""

    user_id: UUID
    session_id: UUID
    cookie: str
    device_cookie: str
    lives_seconds: int = int(SESSION_LIVES.total_seconds())


class SecondFactorNeeded(msgspec.Struct, frozen=True, kw_only=True):
    """The first half is done. `ticket` comes back with the code."""

    ticket: str


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    provider: str
    email: str | None
    created_at: datetime
    last_used_at: datetime | None


class AccessToken(msgspec.Struct, frozen=True, kw_only=True):
    """`hint` is its beginning, by which its owner tells it from others."""

    id: UUID
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class Security(msgspec.Struct, frozen=True, kw_only=True):
    """Which doors an account has."""

    has_password: bool
    password_changed_at: datetime | None
    has_totp: bool
    recovery_codes_left: int
    passkeys: list[Passkey]
    identities: list[Identity]

    @property
    def ways_in(self) -> int:
        return self.has_password + len(self.passkeys) + len(self.identities)
