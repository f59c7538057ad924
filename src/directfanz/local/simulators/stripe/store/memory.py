"""Objects by id, newest first by what they belong to. One transaction at a time: what is fetched is changed in place,
saved, and either committed whole or forgotten."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any

import msgspec

from directfanz.local.simulators.stripe.store.journal import Journal

Obj = dict[str, Any]
FOREVER = 2**62
HIDDEN = "_"  # what Stripe knows about an object and does not tell

# By which fields an object is asked for in lists; other filters are applied to what these find.
INDEXED: dict[str, tuple[str, ...]] = {
    "charge": ("customer", "payment_intent", "transfer_group"),
    "checkout.session": ("customer", "payment_intent", "subscription"),
    "dispute": ("charge", "payment_intent"),
    "invoice": ("customer", "_subscription", "status"),
    "invoiceitem": ("customer", "invoice", "_subscription"),
    "invoice_payment": ("invoice", "_payment_intent"),
    "payment_intent": ("customer", "_invoice"),
    "payment_method": ("customer",),
    "price": ("product", "lookup_key"),
    "promotion_code": ("code", "_coupon"),
    "refund": ("charge", "payment_intent"),
    "setup_intent": ("customer",),
    "subscription": ("customer", "status"),
    "subscription_schedule": ("customer", "subscription"),
    "transfer": ("destination", "transfer_group"),
    "transfer_reversal": ("transfer",),
    "balance_transaction": ("source", "_payout", "type"),
    "application_fee": ("charge",),
    "customer_balance_transaction": ("customer",),
    "event": ("type",),
    "test_helpers.test_clock": (),
    "customer": ("email", "test_clock"),
}

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Any])
Key = tuple[str, str, str, str]  # account, kind, field, value


def field_of(obj: Obj, field: str) -> Any:
    return obj[HIDDEN].get(field[1:]) if field.startswith("_") else obj.get(field)


class Store:
    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal
        self._bodies: dict[str, bytes] = {}
        self._accounts: dict[str, str] = {}
        self._seq: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._index: dict[Key, array[int]] = {}
        self._known: dict[str, tuple[Any, ...]] = {}
        self._open: dict[str, Obj] = {}
        self._saved: dict[str, None] = {}  # in order
        self._gone: set[str] = set()
        self._next = 1
        self._moments: dict[int, int] = {}  # when each was created; lists ask for stretches of time
        self._latest: dict[tuple[str, str], int] = {}
        self._disordered: set[tuple[str, str]] = set()  # kinds whose objects were made by several clocks
        for name, account, kind, seq, body in journal.rows() if journal else ():
            self._load(name, account, kind, seq, body)

    def everything(self) -> Iterator[Obj]:
        for body in list(self._bodies.values()):
            yield _decoder.decode(body)

    def find(self, name: str) -> Obj | None:
        found = self._open.get(name)
        if found is None and name not in self._gone and (body := self._bodies.get(name)) is not None:
            found = self._open[name] = _decoder.decode(body)
        return found

    def save(self, obj: Obj) -> None:
        name = obj["id"]
        self._open[name] = obj
        self._saved[name] = None
        if name not in self._seq:
            self._number(name, obj[HIDDEN]["account"], obj["object"], self._next, obj.get("created", 0))
        self._remember(name, obj)

    def remove(self, name: str) -> None:
        self._open.pop(name, None)
        self._saved.pop(name, None)
        self._gone.add(name)

    def newest(
        self, account: str, kind: str, field: str = "", value: str = "", *, before: str = "", after: str = "",
        since: int = 0, until: int = FOREVER,
    ) -> Iterator[Obj]:  # fmt: skip
        """Newest first; `before` and `after` name objects to begin behind, in the one direction and the other. What was created
        before `since` or after `until` may be left out."""
        numbers = self._index.get((account, kind, field, value), array("q"))
        first, end = self._stretch(account, kind, numbers, since, until)
        if after:
            begin = bisect_left(numbers, self._seq[after]) if after in self._seq else len(numbers)
            order = range(max(begin, first), end)
        else:
            end = min(end, bisect_left(numbers, self._seq.get(before, 0))) if before else end
            order = range(end - 1, first - 1, -1)
        for place in order:
            name = self._ids.get(numbers[place])
            if name is None or name == after or (obj := self.find(name)) is None:
                continue
            if not field or str(field_of(obj, field)) == value:
                yield obj

    def _stretch(self, account: str, kind: str, numbers: array[int], since: int, until: int) -> tuple[int, int]:
        if (account, kind) in self._disordered or (since <= 0 and until >= FOREVER):
            return 0, len(numbers)

        def moment(seq: int) -> int:
            return self._moments[seq]

        return bisect_left(numbers, since, key=moment), bisect_right(numbers, until, key=moment)

    def count(self, account: str, kind: str) -> int:
        return len(self._index.get((account, kind, "", ""), ()))

    def commit(self) -> None:
        rows = []
        for name in self._saved:
            body = _encoder.encode(self._open[name])
            self._bodies[name] = body
            rows.append((name, self._accounts[name], "", self._seq[name], body))
        if self._journal and (rows or self._gone):
            kinds = [(name, account, self._open[name]["object"], seq, body) for name, account, _, seq, body in rows]
            self._journal.write(kinds, self._gone)
        for name in self._gone:
            self._forget(name)
        self._clear()

    def rollback(self) -> None:
        for name in self._saved:
            if name not in self._bodies:
                self._forget(name)
        self._clear()

    def close(self) -> None:
        if self._journal:
            self._journal.close()

    def _clear(self) -> None:
        self._open.clear()
        self._saved.clear()
        self._gone.clear()

    def _load(self, name: str, account: str, kind: str, seq: int, body: bytes) -> None:
        self._bodies[name] = body
        obj = _decoder.decode(body)
        self._number(name, account, kind, seq, obj.get("created", 0))
        self._remember(name, obj)

    def _number(self, name: str, account: str, kind: str, seq: int, created: int) -> None:
        self._seq[name], self._accounts[name], self._ids[seq] = seq, account, name
        self._moments[seq] = created
        if created < self._latest.get((account, kind), 0):
            self._disordered.add((account, kind))
        self._latest[account, kind] = created
        self._next = max(self._next, seq + 1)
        self._add((account, kind, "", ""), seq)

    def _remember(self, name: str, obj: Obj) -> None:
        """Old values stay in the index: who reads compares."""
        fields = INDEXED.get(obj["object"], ())
        values = tuple(field_of(obj, field) for field in fields)
        if not fields or self._known.get(name) == values:
            return
        before = self._known.get(name, (None,) * len(fields))
        self._known[name] = values
        account, seq = self._accounts[name], self._seq[name]
        for field, old, value in zip(fields, before, values, strict=True):
            if value is not None and value != old:
                self._add((account, obj["object"], field, str(value)), seq)

    def _add(self, key: Key, seq: int) -> None:
        numbers = self._index.setdefault(key, array("q"))
        if not numbers or numbers[-1] < seq:
            numbers.append(seq)
            return
        place = bisect_left(numbers, seq)
        if numbers[place] != seq:
            insort(numbers, seq)

    def _forget(self, name: str) -> None:
        for known in (self._bodies, self._accounts, self._known):
            known.pop(name, None)
        seq = self._seq.pop(name, None)
        if seq is not None:
            self._ids.pop(seq, None)
