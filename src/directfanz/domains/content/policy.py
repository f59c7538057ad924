"""What a post may be, and how it is shown to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from directfanz.domains.content.models import LONGEST_BODY, LONGEST_TEASER, LONGEST_TITLE
from directfanz.domains.entitlements.models import Access, Decision, Need
from directfanz.errors import InvalidInput
from directfanz.http.shown import one_line, some_lines
from directfanz.kit.money import Money, decimals, plain

if TYPE_CHECKING:
    from directfanz.domains.content.service.writing import Draft

# In major units: less costs more to take than it brings, more is a slip of the finger.
LEAST_PRICE, HIGHEST_PRICE = 1, 10_000


def checked(wanted: Draft, currency: str) -> Draft:
    """In one form; what does not belong to its access is refused, so that no price is silently forgotten."""
    title = one_line(wanted.title, "title", LONGEST_TITLE, 1)
    teaser = some_lines(wanted.teaser, "teaser", LONGEST_TEASER)
    body = some_lines(wanted.body, "body", LONGEST_BODY)
    _require_fit(wanted.access, wanted.min_rank, wanted.price, currency)
    return msgspec.structs.replace(wanted, title=title, teaser=teaser, body=body)


def _require_fit(access: Access, min_rank: int | None, price: int | None, currency: str) -> None:
    if (access == "rank") != (min_rank is not None):
        said = "Say from which tier on." if access == "rank" else "Only posts for a tier and above name one."
        raise InvalidInput.in_field("min_rank", said)
    if (access == "paid") != (price is not None):
        said = "Say what it costs." if access == "paid" else "Only posts that are sold have a price."
        raise InvalidInput.in_field("price", said)
    if min_rank is not None and not 1 <= min_rank <= 1000:
        raise InvalidInput.in_field("min_rank", "There is no such tier.")
    if price is not None:
        unit = 10 ** decimals(currency)
        least, most = Money(LEAST_PRICE * unit, currency), Money(HIGHEST_PRICE * unit, currency)
        if not least.minor <= price <= most.minor:
            said = f"A price is {plain(least)} to {plain(most)} {currency}."
            raise InvalidInput.in_field("price", said)


def as_if(need: Need, rank: int | None) -> Decision:
    """What a member of a tier would be told, or somebody of none (None): for a team that looks at its page with others' eyes."""
    if need.access == "public":
        return Decision(allowed=True, because="public")
    if need.access == "paid":
        return Decision(allowed=False, because="not_bought")
    if rank is None:
        return Decision(allowed=False, because="not_a_member")
    if need.access == "members" or (need.min_rank is not None and rank >= need.min_rank):
        return Decision(allowed=True, because="membership")
    return Decision(allowed=False, because="higher_tier_needed")
