"""Everything that people can be told. A domain that wants to tell something new adds its kind here.

`{days}` and the like are facts that come with each notification.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Channel = Literal["in_app", "email"]
CHANNELS: tuple[Channel, ...] = ("in_app", "email")


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    name: str  # "domain.what_happened"
    title: str
    text: str = ""
    about: str  # on the page of preferences
    picture: str = "bell"
    by_default: frozenset[Channel] = frozenset(CHANNELS)
    # Matters of safety and law reach people whatever they chose.
    always: frozenset[Channel] = frozenset()


_KINDS = (
    Kind(
        name="privacy.export_ready", title="Your data is ready", text="You can download it for the next seven days.",
        about="When the archive that you asked for is there.", picture="download", always=frozenset({"in_app"}),
    ),
    Kind(
        name="privacy.account_closing", title="Your account is closing",
        text="It is erased in {days} days. Until then you can sign in and keep it.",
        about="When somebody closes your account.", picture="warning", always=frozenset(CHANNELS),
    ),
    Kind(
        name="creators.invited", title="You are invited to the team of {page}", text="As {role}. Say yes or no.",
        about="When a creator asks you into their team.", picture="people", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="creators.team_joined", title="{name} joined the team of {page}",
        about="When somebody you invited says yes.", picture="people", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="creators.team_role", title="Your role in the team of {page} is now {role}",
        about="When your role in a team changes.", picture="people",
    ),
    Kind(
        name="creators.team_left", title="You are no longer in the team of {page}",
        about="When somebody takes you out of a team.", picture="people",
    ),
    Kind(
        name="creators.handover_offered", title="{page} is offered to you",
        text="You would own the page and be paid for it. Say yes or no within seven days.",
        about="When an owner wants to give you their page.", picture="key",
    ),
    Kind(
        name="creators.handed_over", title="{page} now belongs to {name}",
        text="You stay in its team as administrator. Your payout account is off the page.",
        about="When somebody takes over a page of yours.", picture="key", always=frozenset(CHANNELS),
    ),
    Kind(
        name="creators.can_be_paid", title="{page} can be paid", text="Your payout account is complete.",
        about="When your payout account is ready.", picture="coin",
    ),
    Kind(
        name="creators.account_needs", title="{page} cannot be paid yet",
        text="Our payment provider still asks for: {missing}.",
        about="When your payout account lacks something.", picture="warning", always=frozenset({"in_app"}),
    ),
    Kind(
        name="creators.suspended", title="{page} is suspended", text="{reason} Only its team sees it now.",
        about="When we take your page down.", picture="warning", always=frozenset(CHANNELS),
    ),
    Kind(
        name="creators.unsuspended", title="{page} is back", text="It is again what it was before.",
        about="When your page comes back.", picture="done", always=frozenset(CHANNELS),
    ),
    Kind(
        name="platform.welcome", title="Welcome, {name}", text="Choose a picture and say who you are.",
        about="Once, when you begin.", picture="heart", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="platform.news", title="{title}", text="{text}", about="New things on the platform, a few times a year.",
        picture="sparkle",
    ),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _KINDS}
