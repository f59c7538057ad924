"""What the forms of this domain send. Amounts are typed as people write them, and read in the page's currency."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.backends.billing.contract import Interval
from directfanz.errors import InvalidInput
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]
Typed = Annotated[str, Meta(max_length=30)]
Words = Annotated[str, Meta(max_length=500)]
Key = Annotated[str, Meta(max_length=100)]


class JoinForm(Input, frozen=True):
    """`key` came with the page: the form sent twice is one order."""

    amount: Typed = ""
    interval: Interval = "month"
    offer: Annotated[str, Meta(max_length=40)] = ""
    key: Key = ""


class TipForm(Input, frozen=True):
    amount: Typed = ""
    other: Typed = ""
    message: Words = ""
    goal_id: UUID | None = None
    key: Key = ""


class GiftForm(Input, frozen=True):
    months: int = 1
    message: Words = ""
    key: Key = ""


class CapForm(Input, frozen=True):
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    amount: Typed = ""


class RefundForm(Input, frozen=True):
    amount: Typed = ""
    reason: Words = ""
    key: Key = ""


class AskBackForm(Input, frozen=True):
    reason: Words = ""


class AnswerForm(Input, frozen=True):
    """Yes, with an amount or all of it; or no, with a reason."""

    yes: bool = False
    amount: Typed = ""
    answer: Words = ""


class GoalForm(Input, frozen=True):
    title: Annotated[str, Meta(max_length=80)]
    about: Annotated[str, Meta(max_length=1000)] = ""
    target: Typed = ""
    until: Annotated[str, Meta(max_length=10)] = ""


def day_in(typed: str, field: str) -> datetime | None:
    """The end of that day, by UTC; None for nothing."""
    if not typed.strip():
        return None
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise InvalidInput.in_field(field, "This is not a day.", "Choose one, or leave it empty.") from None
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
