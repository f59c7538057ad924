"""Who may see what.

    await entitlements.grant(backends, tx, Grant(user_id=ben, creator_id=ada, source="membership", source_id=..., rank=2, ...))
    await entitlements.end(backends, tx, "membership", membership_id, now, "refunded")
    decision = await entitlements.decide(backends, ben, Need(creator_id=ada, access="rank", min_rank=2))
    decisions = await entitlements.decide_all(backends, ben, [post.need for post in page])    # one question per creator

Rows change on the caller's transaction; what the cache knows of them is forgotten with it.
"""

from __future__ import annotations

from directfanz.domains.entitlements.service.deciding import (
    audience,
    audience_size,
    coming_of_age,
    decide,
    decide_all,
    decide_each,
    explain,
    holdings,
    live_tier,
)
from directfanz.domains.entitlements.service.granting import compare, end, end_all, grant, grant_all, rebuild, rerank

__all__ = [
    "audience",
    "audience_size",
    "coming_of_age",
    "compare",
    "decide",
    "decide_all",
    "decide_each",
    "end",
    "end_all",
    "explain",
    "grant",
    "grant_all",
    "holdings",
    "live_tier",
    "rebuild",
    "rerank",
]
