from __future__ import annotations

from directfanz.errors import Conflict, Forbidden, InvalidInput, NotFound


class NoSuchTier(NotFound):
    code = "no_such_tier"


class NoSuchMembership(NotFound):
    code = "no_such_membership"


class NoSuchOffer(NotFound):
    code = "no_such_offer"


class NoSuchGift(NotFound):
    code = "no_such_gift"


class TierClosed(Conflict):
    code = "tier_closed"


class TierFull(Conflict):
    code = "tier_full"


class TierInUse(Conflict):
    code = "tier_in_use"


class MemberAlready(Conflict):
    code = "member_already"


class OwnPage(Forbidden):
    code = "own_page"


class AmountWrong(InvalidInput):
    code = "amount_wrong"


class OfferRefused(Conflict):
    code = "offer_refused"


class NotNow(Conflict):
    """The membership is in a state in which this cannot be done."""

    code = "not_now"


class PreviewOld(Conflict):
    code = "preview_old"


class GiftRefused(Conflict):
    code = "gift_refused"
