from __future__ import annotations

from directfanz.errors import Conflict, InvalidInput, NotFound, Unavailable


class AmountRefused(InvalidInput):
    code = "amount_refused"


class SpendCapReached(Conflict):
    """The person set it themselves."""

    code = "spend_cap_reached"


class NoSuchOrder(NotFound):
    """Also for somebody else's."""

    code = "no_such_order"


class NoSuchRefundRequest(NotFound):
    """Also for somebody else's."""

    code = "no_such_refund_request"


class NoSuchPayout(NotFound):
    code = "no_such_payout"


class NoSuchDispute(NotFound):
    code = "no_such_dispute"


class NoSuchEvent(NotFound):
    code = "no_such_event"


class NoSuchGoal(NotFound):
    code = "no_such_goal"


class NotForSale(Conflict):
    code = "not_for_sale"


class OwnedAlready(Conflict):
    code = "owned_already"


class NotRefundable(Conflict):
    code = "not_refundable"


class DisputeClosed(Conflict):
    code = "dispute_closed"


class EventFailed(Unavailable):
    """The provider sends it again; an operator sees why."""

    code = "event_failed"
