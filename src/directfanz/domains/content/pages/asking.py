"""What the forms of this domain send."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.domains.content.models import (
    LONGEST_BODY,
    LONGEST_TEASER,
    LONGEST_TITLE,
    MOST_DRIP_DAYS,
    Attachment,
    CommentsPolicy,
    ContentWarning,
    Kind,
)
from directfanz.domains.content.service.tagging import LONGEST_TYPED
from directfanz.domains.content.service.writing import Draft
from directfanz.domains.entitlements.models import Access
from directfanz.errors import InvalidInput
from directfanz.http.amounts import amount_typed
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]


class PostForm(Input, frozen=True):
    """`price` as people write it, such as 4.50; `assets` as the script writes it; `publish_at` as the clock on the author's wall shows it.
    What does not belong to the chosen access is left out, not refused: a form sends all its fields."""

    title: Annotated[str, Meta(max_length=LONGEST_TITLE * 2)] = ""
    teaser: Annotated[str, Meta(max_length=LONGEST_TEASER * 2)] = ""
    body: Annotated[str, Meta(max_length=LONGEST_BODY * 2)] = ""
    kind: Kind = "post"
    access: Access = "public"
    min_rank: int | None = None
    price: Annotated[str, Meta(max_length=30)] = ""
    tags: Annotated[str, Meta(max_length=LONGEST_TYPED)] = ""
    drip_days: Annotated[int, Meta(ge=0, le=MOST_DRIP_DAYS)] | None = None
    warnings: list[ContentWarning] = msgspec.field(default_factory=list)
    comments: CommentsPolicy = "open"
    assets: Annotated[str, Meta(max_length=100_000)] | None = None
    revision: int = 1
    publish_at: Annotated[str, Meta(max_length=40)] = ""
    zone: Annotated[str, Meta(max_length=64)] = ""
    then: Literal["save", "publish", "schedule"] = "save"


class BuyForm(Input, frozen=True):
    """`key` is the form's: pressed twice it buys once."""

    key: Annotated[str, Meta(min_length=8, max_length=64)]


class WarningForm(Input, frozen=True):
    """`always`: do not ask again for these."""

    warnings: list[ContentWarning] = msgspec.field(default_factory=list)
    always: bool = False
    next: Annotated[str, Meta(max_length=500)] = "/"


def draft_of(asked: PostForm, currency: str) -> Draft:
    return Draft(
        title=asked.title, teaser=asked.teaser, body=asked.body, kind=asked.kind, access=asked.access,
        min_rank=asked.min_rank if asked.access == "rank" else None,
        price=_minor(asked.price, currency) if asked.access == "paid" else None,
        drip_days=(asked.drip_days or 0) if asked.access in ("members", "rank") else 0, warnings=asked.warnings,
        comments=asked.comments, assets=_attachments(asked.assets),
    )  # fmt: skip


def _attachments(text: str | None) -> list[Attachment] | None:
    if not text:
        return None
    try:
        return msgspec.json.decode(text, type=list[Attachment])
    except msgspec.MsgspecError:
        raise InvalidInput.in_field("assets", "The list of files cannot be read.", "Load the page again.") from None


def _minor(text: str, currency: str) -> int | None:
    return amount_typed(text, currency, "price").minor if text.strip() else None
