"""What each domain knows of a person, and how it forgets them.

A new domain adds itself to `CONTRIBUTORS`: what it would show the person (plain data, no secrets, nobody else's words but those sent to
them), the files it keeps for them, and what it removes. `erase` runs inside one transaction with all the others; removing files is
enqueued there as a job. Both may run twice. A test fails when a table that names a person belongs to no contributor.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader, Writer
from directfanz.domains.accounts.service import own_data as accounts
from directfanz.domains.audit import service as audit
from directfanz.domains.chat.service import own_data as chat
from directfanz.domains.community.service import own_data as community
from directfanz.domains.content.service import own_data as content
from directfanz.domains.creators.service import own_data as creators
from directfanz.domains.discovery.service import own_data as discovery
from directfanz.domains.entitlements.service import own_data as entitlements
from directfanz.domains.live.service import own_data as live
from directfanz.domains.media.service import own_data as media
from directfanz.domains.memberships.service import own_data as memberships
from directfanz.domains.notifications.service import own_data as notifications
from directfanz.domains.payments.service import own_data as payments

# Sections by title, each a list of records.
Told = Mapping[str, list[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class File:
    """`name` in the archive, `key` in the bucket."""

    name: str
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Contributor:
    name: str
    title: str
    tell: Callable[[Reader, UUID], Awaitable[Told]]
    erase: Callable[[Backends, Writer, UUID], Awaitable[None]]
    tables: frozenset[str]
    files: Callable[[Reader, UUID], Awaitable[list[tuple[str, str, str]]]] | None = None


async def _audit(reader: Reader, user_id: UUID) -> Told:
    entries = await audit.about(reader, user_id)
    return {"What was done to your account": [audit.plain(entry) for entry in entries]}


async def _kept(backends: Backends, tx: Writer, user_id: UUID) -> None:
    """The audit log stays: it holds ids and acts, no names or addresses, and its chain must not break."""


# Erased from the last to the first: what others refer to goes last.
CONTRIBUTORS = (
    Contributor("accounts", "Your account", accounts.tell, accounts.erase, accounts.TABLES, accounts.files),
    Contributor("notifications", "Notifications", notifications.tell, notifications.erase, notifications.TABLES),
    Contributor("creators", "Pages and teams", creators.tell, creators.erase, creators.TABLES, creators.files),
    Contributor("media", "Files", media.tell, media.erase, media.TABLES, media.files),
    Contributor("content", "Posts", content.tell, content.erase, content.TABLES),
    Contributor("live", "Streams", live.tell, live.erase, live.TABLES),
    Contributor("community", "Comments, reactions and blocks", community.tell, community.erase, community.TABLES),
    Contributor("entitlements", "Access", entitlements.tell, entitlements.erase, entitlements.TABLES),
    Contributor("memberships", "Memberships and gifts", memberships.tell, memberships.erase, memberships.TABLES),
    Contributor("payments", "Payments and receipts", payments.tell, payments.erase, payments.TABLES),
    Contributor("chat", "Chats and polls", chat.tell, chat.erase, chat.TABLES),
    Contributor("discovery", "What you want to see", discovery.tell, discovery.erase, discovery.TABLES),
    Contributor("audit", "Security log", _audit, _kept, frozenset({"audit_log"})),
)
