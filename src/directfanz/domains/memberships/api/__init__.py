"""Tiers, memberships, gifts and members over HTTP."""

from __future__ import annotations

from directfanz.domains.memberships.api import gifts, members, mine, tiers

TAGS = {
    "Tiers and offers": "What a creator offers, and codes that make joining cheaper.",
    "Memberships": "One's own: changed, paused, cancelled.",
    "Gifts": "Memberships that somebody else pays for.",
    "Members": "Who is a member of one's page.",
}
routes = [*tiers.routes, *mine.routes, *gifts.routes, *members.routes]
