"""What a transaction must be before it goes to the database, which checks the same once more."""

from __future__ import annotations

from collections import Counter

from directfanz.domains.ledger.errors import Unbalanced
from directfanz.domains.ledger.models import OWNED, Entry, Transaction


def require_sound(transaction: Transaction) -> None:
    if len(transaction.entries) < 2:
        raise Unbalanced(f"{transaction.key} has {len(transaction.entries)} entries; double entry needs two or more.")
    for entry in transaction.entries:
        _require_sound_entry(transaction.key, entry)
    sums: Counter[str] = Counter()
    for entry in transaction.entries:
        sums[entry.amount.currency] += entry.amount.minor
    for currency, off in sums.items():
        if off:
            raise Unbalanced(f"{transaction.key} does not sum to zero: {off} {currency}.")


def _require_sound_entry(key: str, entry: Entry) -> None:
    kind, owner = entry.account.kind, entry.account.owner
    if entry.amount.minor == 0:
        raise Unbalanced(f"{key} moves nothing on {kind}; leave such an entry out.")
    if (owner is not None) != (kind in OWNED):
        raise Unbalanced(f"{key} names {'no' if owner is None else 'an'} owner of the account {kind}.")
    if (entry.release_at is not None) != (kind == "creator_held"):
        raise Unbalanced(f"{key}: what is held has a release date, and nothing else has one.")
