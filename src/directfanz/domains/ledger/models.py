"""Accounts, transactions, entries.

An entry above zero is what an account owes or has received on somebody's behalf; `provider`, the money at the provider, is the
counterpart below zero. A balance is the sum of an account's entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal, get_args
from uuid import UUID

import msgspec

from directfanz.backends.database.contract import Reader
from directfanz.kit.money import Money

Owned = Literal["fan", "creator_held", "creator_available", "creator_reserve", "in_payout"]
Common = Literal["platform_fees", "provider", "provider_fees", "tax", "refunds", "disputes"]
AccountKind = Owned | Common
OWNED: frozenset[str] = frozenset(get_args(Owned))
KINDS: tuple[str, ...] = (*get_args(Owned), *get_args(Common))


class AccountName(msgspec.Struct, frozen=True):
    kind: AccountKind
    owner: UUID | None = None


class Entry(msgspec.Struct, frozen=True):
    """`release_at` belongs to what is held, and to nothing else."""

    account: AccountName
    amount: Money
    release_at: datetime | None = None


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    key: str  # what it stands for, such as "order/<id>/paid": the same is never posted twice
    kind: str
    reference: UUID | None = None
    at: datetime
    entries: Sequence[Entry]


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it stands in the book."""

    id: UUID
    transaction_id: UUID
    key: str
    kind: str
    reference: UUID | None
    at: datetime
    account: AccountKind
    owner: UUID | None
    amount: Money
    release_at: datetime | None


class Balances(msgspec.Struct, frozen=True, kw_only=True):
    """What a creator has, in one currency."""

    currency: str
    held: Money
    available: Money
    reserve: Money
    in_payout: Money


class Hold(msgspec.Struct, frozen=True):
    """What is still held of what somebody got for one thing."""

    until: datetime
    amount: Money


class Unpaid(msgspec.Struct, frozen=True):
    """An entry whose creator was not paid yet."""

    entry_id: UUID
    amount: Money
    release_at: datetime | None


class Invariant:
    """Something that holds at every moment. `broken` tells in sentences what does not hold; an empty list is what one wants."""

    name: ClassVar[str]
    about: ClassVar[str]

    async def broken(self, reader: Reader) -> list[str]:
        raise NotImplementedError


async def broken_of(reader: Reader, invariants: Sequence[Invariant]) -> list[str]:
    return [f"{each.name}: {problem}" for each in invariants for problem in await each.broken(reader)]
