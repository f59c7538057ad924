"""Rows as structs: columns of amounts become money in the row's currency, all others are what they are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from directfanz.backends.database.contract import Row
from directfanz.kit.money import Money

T = TypeVar("T")


def struct_of(kind: type[T], row: Row, amounts: Collection[str], **others: Any) -> T:
    currency = row["currency"]
    values: dict[str, Any] = {name: Money(row[name], currency) for name in amounts} | others
    fields: tuple[str, ...] = kind.__struct_fields__  # type: ignore[attr-defined]
    return kind(**values, **{name: row[name] for name in fields if name not in values})
