"""What the forms of this domain send."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Request, Response
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.domains.content.models import LONGEST_BODY, LONGEST_TEASER, LONGEST_TITLE
from directfanz.domains.content.service.tagging import LONGEST_TYPED
from directfanz.domains.entitlements.models import Access
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]


class PostForm(Input, frozen=True):
    """`price` as people write it, such as 4.50. What does not belong to the chosen access is left out, not refused: a form sends all
    its fields."""

    title: Annotated[str, Meta(max_length=LONGEST_TITLE * 2)] = ""
    teaser: Annotated[str, Meta(max_length=LONGEST_TEASER * 2)] = ""
    body: Annotated[str, Meta(max_length=LONGEST_BODY * 2)] = ""
    access: Access = "public"
    min_rank: int | None = None
    price: Annotated[str, Meta(max_length=30)] = ""
    tags: Annotated[str, Meta(max_length=LONGEST_TYPED)] = ""
    revision: int = 1
    then: Literal["save", "publish"] = "save"


class BuyForm(Input, frozen=True):
    """`key` is the form's: pressed twice it buys once."""

    key: Annotated[str, Meta(min_length=8, max_length=64)]
