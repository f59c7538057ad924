"""What the forms of this domain send."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.params import PathParameter
from msgspec import Meta

from directfanz.domains.creators.models import MOST_LINKS, TeamRole
from directfanz.http.forms import Upload
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
Slug = Annotated[str, PathParameter(max_length=64)]
Text = Annotated[str, Meta(max_length=1000)]
Rows = Annotated[list[Text], Meta(max_length=MOST_LINKS + 1)]


class BeginForm(Input, frozen=True):
    name: Text
    slug: Text
    country: Text
    currency: Text


class WordsForm(Input, frozen=True):
    name: Text
    slug: Text
    tagline: Text = ""
    about: Annotated[str, Meta(max_length=6000)] = ""
    country: Text | None = None


class ColourForm(Input, frozen=True):
    """One of the proposed, or `own` with a colour of one's own."""

    accent: Text
    own: Text = ""


class LinksForm(Input, frozen=True):
    """Rows of two fields; a row without an address is left out."""

    label: Rows = msgspec.field(default_factory=list)
    url: Rows = msgspec.field(default_factory=list)


class PictureForm(Input, frozen=True):
    picture: Upload | None = None


class InviteForm(Input, frozen=True):
    email: Text
    role: TeamRole


class RoleForm(Input, frozen=True):
    role: TeamRole


class PersonForm(Input, frozen=True):
    user_id: Text


class ReasonForm(Input, frozen=True):
    reason: Text


class TermsForm(Input, frozen=True):
    """Empty: the platform's own fee."""

    fee_bps: int | None = None
    hold_days: int = 7
