"""States, reasons and what happened, for people."""

from __future__ import annotations

from directfanz.domains.memberships.repository.members import Segment

REASONS = [
    ["too_dear", "It costs too much"], ["too_little", "There was too little for me"],
    ["not_enough_time", "I have no time for it"], ["trouble", "Something did not work"], ["other", "Something else"],
]  # fmt: skip
END_REASONS = {
    "canceled": "cancelled", "unpaid": "could not be paid", "refunded": "was given back", "ran_out": "its time was over",
    "lapsed": "was not paid", "replaced": "replaced by a paid one", "doubled": "was paid twice", "trial_used": "was tried before",
    "taken_back": "taken back by the page", "page_closed": "the page closed", "account_closed": "the account closed",
}  # fmt: skip
HAPPENED = {
    "joined": "Joined", "trial_began": "A trial began", "trial_ended": "The trial ended and was paid", "renewed": "Renewed",
    "payment_failed": "The payment failed", "recovered": "Paid after all", "paused": "Paused", "resumed": "Went on",
    "canceled": "Cancelled", "canceled_taken_back": "Stayed after all", "ended": "Ended", "tier_changed": "Changed tier",
    "price_changed": "Another price", "change_asked": "Asked for a change", "change_planned": "Planned a change",
    "change_taken_back": "Took the planned change back", "change_refused": "The change was not made",
    "price_agreed": "Agreed to a new price", "cancel_asked": "Asked to cancel", "pause_asked": "Asked to pause",
    "postponed": "A gift postponed the next charge", "extended": "A gift made it longer", "shortened": "A gift was given back",
    "given": "Given by the page", "lapsed": "Was not paid", "refused": "Was not possible", "resume_refused": "Could not go on",
    "began": "Began to join",
}  # fmt: skip
SEGMENTS: list[tuple[Segment, str]] = [
    ("live", "All members"), ("new", "New"), ("trialing", "On trial"), ("past_due", "Payment failed"), ("leaving", "Leaving"),
    ("paused", "Paused"), ("given", "Given"), ("ended", "Former"),
]  # fmt: skip
