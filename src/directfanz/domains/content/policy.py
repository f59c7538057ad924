"""What a post may be, and how it is shown to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from directfanz.domains.content.models import (
    FURTHEST_AHEAD,
    LONGEST_BODY,
    LONGEST_TEASER,
    LONGEST_TITLE,
    MOST_DRIP_DAYS,
    Post,
)
from directfanz.domains.entitlements.models import Access, Decision, Need
from directfanz.errors import InvalidInput
from directfanz.http.shown import one_line, some_lines
from directfanz.kit.money import Money, decimals, plain

if TYPE_CHECKING:
    from directfanz.domains.content.service.writing import Draft

# In major units: less costs more to take than it brings, more is a slip of the finger.
LEAST_PRICE, HIGHEST_PRICE = 1, 10_000


def checked(wanted: Draft, currency: str, *, whole: bool) -> Draft:
    """In one form; what does not belong to its access is refused, so that no price is silently forgotten. A draft need not be `whole`:
    it may lack what is to come."""
    title = one_line(wanted.title, "title", LONGEST_TITLE, 1 if whole else 0)
    teaser = some_lines(wanted.teaser, "teaser", LONGEST_TEASER)
    body = some_lines(wanted.body, "body", LONGEST_BODY)
    _require_fit(wanted.access, wanted.min_rank, wanted.price, currency)
    if whole:
        require_complete(wanted.access, wanted.min_rank, wanted.price)
    if not 0 <= wanted.drip_days <= MOST_DRIP_DAYS:
        raise InvalidInput.in_field("drip_days", f"From 0 to {MOST_DRIP_DAYS} days.")
    if wanted.drip_days and wanted.access not in ("members", "rank"):
        raise InvalidInput.in_field("drip_days", "Only what is for members can wait for the age of a membership.")
    return msgspec.structs.replace(wanted, title=title, teaser=teaser, body=body, warnings=sorted(set(wanted.warnings)))


def require_publishable(post: Post) -> None:
    """Whole, so that nobody meets half a post."""
    one_line(post.title, "title", LONGEST_TITLE, 1)
    require_complete(post.access, post.min_rank, post.price)


def require_complete(access: Access, min_rank: int | None, price: int | None) -> None:
    if access == "rank" and min_rank is None:
        raise InvalidInput.in_field("min_rank", "Say from which tier on.")
    if access == "paid" and price is None:
        raise InvalidInput.in_field("price", "Say what it costs.")


def moment_to_publish(wanted: datetime | None, now: datetime) -> datetime | None:
    """None: at once. What is past is at once too."""
    if wanted is None or wanted <= now:
        return None
    if wanted > now + FURTHEST_AHEAD:
        raise InvalidInput.in_field("publish_at", "This is more than a year ahead.", "Choose an earlier day.")
    return wanted


def moment_in_zone(text: str, zone: ZoneInfo) -> datetime:
    """What a clock on the author's wall would show, such as 2026-03-29T02:30. In the hour that summer time skips there is no such
    moment; of the hour that comes twice the first is meant."""
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput.in_field("publish_at", "This is not a day and a time.") from None
    moment = (wall if wall.tzinfo else wall.replace(tzinfo=zone)).astimezone(UTC)
    if wall.tzinfo is None and moment.astimezone(zone).replace(tzinfo=None) != wall:
        said = f"On this day the clocks in {zone.key} go forward, and this time is skipped."
        raise InvalidInput.in_field("publish_at", said, "Choose an hour later.")
    return moment


def _require_fit(access: Access, min_rank: int | None, price: int | None, currency: str) -> None:
    if access != "rank" and min_rank is not None:
        raise InvalidInput.in_field("min_rank", "Only posts for a tier and above name one.")
    if access != "paid" and price is not None:
        raise InvalidInput.in_field("price", "Only posts that are sold have a price.")
    if min_rank is not None and not 1 <= min_rank <= 1000:
        raise InvalidInput.in_field("min_rank", "There is no such tier.")
    if price is not None:
        unit = 10 ** decimals(currency)
        least, most = Money(LEAST_PRICE * unit, currency), Money(HIGHEST_PRICE * unit, currency)
        if not least.minor <= price <= most.minor:
            said = f"A price is {plain(least)} to {plain(most)} {currency}."
            raise InvalidInput.in_field("price", said)


def as_if(need: Need, rank: int | None, follows: bool = False) -> Decision:
    """What a member of a tier would be told, or somebody of none (None): for a team that looks at its page with others' eyes."""
    if need.access == "public":
        return Decision(allowed=True, because="public")
    if need.access == "paid":
        return Decision(allowed=False, because="not_bought")
    if need.access == "followers" and rank is None:
        return Decision(allowed=follows, because="follower" if follows else "not_a_follower")
    if rank is None:
        return Decision(allowed=False, because="not_a_member")
    if need.access in ("members", "followers") or (need.min_rank is not None and rank >= need.min_rank):
        return Decision(allowed=True, because="membership")
    return Decision(allowed=False, because="higher_tier_needed")
