"""What the forms of this domain send."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.domains.community.models import LONGEST_COMMENT, Reaction
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]
Words = Annotated[str, Meta(max_length=LONGEST_COMMENT * 2)]


class SayForm(Input, frozen=True):
    body: Words = ""
    reply_to: UUID | None = None


class EditForm(Input, frozen=True):
    body: Words = ""


class SignForm(Input, frozen=True):
    """The sign that is there already takes it back."""

    kind: Reaction


class DoForm(Input, frozen=True):
    what: Literal["approve", "remove", "heart", "unheart", "pin", "unpin", "take-back", "report", "block", "block-here"]
    reason: Annotated[str, Meta(max_length=500)] = ""


class RulesForm(Input, frozen=True):
    """One word or phrase a line."""

    words: Annotated[str, Meta(max_length=60_000)] = ""
    hold_links: bool = False


class NameForm(Input, frozen=True):
    name: Annotated[str, Meta(max_length=64)] = ""
    reason: Annotated[str, Meta(max_length=400)] = ""
