"""What pages of accounts share: types of fields, and the answer to a sign-in."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response
from msgspec import Meta

from directfanz.backends import Backends
from directfanz.domains.accounts import cookies
from directfanz.domains.accounts.models import SecondFactorNeeded, SignedIn
from directfanz.http.pages import local_path, see_other
from directfanz.http.validation import Input

Page = Request[Any, Any, Any]
Html = Response[Any]
Text = Annotated[str, Meta(max_length=1000)]
Short = Annotated[str, Meta(max_length=100)]
Token = Annotated[str, Meta(max_length=500)]
Next = Annotated[str, Meta(max_length=500)]


class AddressAsk(Input, frozen=True):
    email: Text


def entered(
    request: Page, backends: Backends, outcome: SignedIn | SecondFactorNeeded, go_to: str, notice: str | None = None
) -> Html:
    """In, or on to the second step with what is needed to take it."""
    if isinstance(outcome, SignedIn):
        return cookies.let_in(backends, see_other(request, local_path(go_to), notice), outcome)
    answer = see_other(request, "/sign-in/code")
    cookies.keep(backends, answer, cookies.SECOND_STEP_COOKIE, outcome.ticket, cookies.FLOW_SECONDS)
    if go_to and go_to != "/":
        cookies.keep(backends, answer, cookies.NEXT_COOKIE, backends.tokens.sign("next", go_to), cookies.FLOW_SECONDS)
    return answer
