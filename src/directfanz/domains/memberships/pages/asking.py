"""What the forms of this domain send. Amounts are typed as people write them and read in the page's currency."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.backends.billing.contract import Interval
from directfanz.domains.memberships.models import Audience, CancelReason
from directfanz.errors import InvalidInput
from directfanz.http.amounts import amount_typed
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]
Text = Annotated[str, Meta(max_length=2000)]
Typed = Annotated[str, Meta(max_length=30)]


class ChangeForm(Input, frozen=True):
    tier_id: UUID
    interval: Interval = "month"
    amount: Typed = ""


class ConfirmForm(Input, frozen=True):
    """What the preview showed, given back with the yes. `at` is missing for what waits for the renewal."""

    tier_id: UUID
    interval: Interval
    minor: int
    at: Typed = ""


class CancelForm(Input, frozen=True):
    reason: CancelReason = ""
    comment: Annotated[str, Meta(max_length=1000)] = ""


class PauseForm(Input, frozen=True):
    months: Typed = ""


class AgreeForm(Input, frozen=True):
    change_id: UUID


class ClaimForm(Input, frozen=True):
    code: Annotated[str, Meta(max_length=60)]
    sure: Typed = ""


class TierPageForm(Input, frozen=True):
    """`sure` is what the page says it saw when it asks a second time: how many members the new price concerns."""

    name: Text
    about: Text = ""
    benefits: Text = ""
    min_amount: Typed = ""
    suggested_amount: Typed = ""
    yearly_min_amount: Typed = ""
    pay_what_you_want: bool = False
    trial_days: Annotated[int, Meta(ge=0, le=90)] = 0
    cap: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    ask: bool = False
    note: Text = ""
    sure: Typed = ""


class MoveForm(Input, frozen=True):
    tier_id: UUID
    by: Annotated[int, Meta(ge=-1, le=1)]


class OfferPageForm(Input, frozen=True):
    code: Typed
    name: Text
    kind: Typed = "percent"
    percent: int | None = None
    amount: Typed = ""
    periods: Typed = "1"
    at_most: int | None = None
    expires_on: Typed = ""
    audience: Audience = "all"
    tier_id: Typed = ""


class GiveForm(Input, frozen=True):
    handle: Text
    tier_id: UUID
    until: Typed = ""


class NoteForm(Input, frozen=True):
    text: Text


def minor_of(typed: str, currency: str, field: str, *, needed: bool = False) -> int | None:
    """Empty is nothing, unless it is needed."""
    if not typed.strip():
        if needed:
            raise InvalidInput.in_field(field, "This is required.", "Type an amount such as 5 or 7.50.")
        return None
    return amount_typed(typed, currency, field).minor


def end_of(typed: str, field: str) -> datetime | None:
    """The end of the day that was chosen, in UTC."""
    if not typed.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(typed.strip()), time(23, 59, 59), UTC)
    except ValueError:
        raise InvalidInput.in_field(field, "This is not a day.", "Type it as 2026-12-31.") from None


def id_of(typed: str, field: str) -> UUID | None:
    if not typed:
        return None
    try:
        return UUID(typed)
    except ValueError:
        raise InvalidInput.in_field(field, "Choose one of the list.") from None
