"""What was given for one thing: the tips and tickets of a stream, say."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader
from directfanz.domains.payments.repository import given


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """In minor units of the page's currency, without what went back."""

    tips: int = 0
    tipped: int = 0
    tickets: int = 0
    ticketed: int = 0


async def for_each(reader: Reader, object_ids: list[UUID], since: datetime, until: datetime) -> dict[UUID, Given]:
    """Paid in a stretch of time."""
    found = {row[0]: Given(tips=row[1], tipped=row[2], tickets=row[3], ticketed=row[4])
             for row in await given.sums(reader, object_ids, since, until)}  # fmt: skip
    return {each: found.get(each, Given()) for each in object_ids}
