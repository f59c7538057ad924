"""What may be posted at all."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from directfanz.domains.ledger.errors import Unbalanced
from directfanz.domains.ledger.models import AccountName, Entry, Transaction
from directfanz.domains.ledger.policy import require_sound
from directfanz.kit.money import Money

ADA, NOW = UUID(int=1), datetime(2026, 3, 2, tzinfo=UTC)
PROVIDER, FEES = AccountName("provider"), AccountName("platform_fees")
HELD, AVAILABLE = AccountName("creator_held", ADA), AccountName("creator_available", ADA)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def posted(*entries: Entry) -> Transaction:
    return Transaction(key="order/1/paid", kind="order_paid", at=NOW, entries=entries)


def test_a_whole_order_is_sound() -> None:
    require_sound(posted(Entry(PROVIDER, eur(-1000)), Entry(HELD, eur(900), NOW), Entry(FEES, eur(100))))


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ((), "has 0 entries"),
        ((Entry(PROVIDER, eur(-1)),), "has 1 entries"),
        ((Entry(PROVIDER, eur(-1000)), Entry(FEES, eur(999))), "off|zero: -1 EUR"),
        ((Entry(PROVIDER, eur(-5)), Entry(FEES, Money(5, "USD"))), "does not sum to zero"),
        ((Entry(PROVIDER, eur(-5)), Entry(FEES, eur(5)), Entry(FEES, eur(0))), "moves nothing"),
        ((Entry(PROVIDER, eur(-5)), Entry(AccountName("creator_available"), eur(5))), "names no owner"),
        ((Entry(AccountName("provider", ADA), eur(-5)), Entry(FEES, eur(5))), "names an owner"),
        ((Entry(PROVIDER, eur(-5)), Entry(HELD, eur(5))), "release date"),
        ((Entry(PROVIDER, eur(-5)), Entry(AVAILABLE, eur(5), NOW)), "release date"),
    ],
)
def test_anything_else_is_refused_with_its_reason(entries: tuple[Entry, ...], why: str) -> None:
    with pytest.raises(Unbalanced, match=why):
        require_sound(posted(*entries))
