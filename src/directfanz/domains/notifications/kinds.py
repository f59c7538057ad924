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
        name="platform.welcome", title="Welcome, {name}", text="Choose a picture and say who you are.",
        about="Once, when you begin.", picture="heart", by_default=frozenset({"in_app"}),
    ),
    Kind(
        name="platform.news", title="{title}", text="{text}", about="New things on the platform, a few times a year.",
        picture="sparkle",
    ),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _KINDS}
