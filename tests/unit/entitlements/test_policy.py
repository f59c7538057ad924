from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.entitlements.models import Access, Need
from directfanz.domains.entitlements.policy import Held, judge
from directfanz.kit.ids import new_id

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ADA, POST = new_id(), new_id()


def holds(
    rank: int = -1, *, of: bytes = b"", starts: float = -1, ends: float = 0, tier: str = "", source: Any = "membership"
) -> Held:
    """Days from now; `ends` of 0 is never."""
    day = 86_400
    return Held(rank, of, NOW.timestamp() + starts * day, NOW.timestamp() + ends * day if ends else 0, tier, source)


def need(access: Access, rank: int | None = None, of: Any = None) -> Need:
    return Need(creator_id=ADA, access=access, min_rank=rank, object_id=of)


@pytest.mark.parametrize(
    ("held", "asked", "because"),
    [
        ([], need("public"), "public"), ([], need("members"), "not_a_member"), ([], need("rank", 2), "not_a_member"),
        ([], need("paid", of=POST), "not_bought"), ([holds(1)], need("members"), "membership"),
        ([holds(1)], need("rank", 1), "membership"), ([holds(1)], need("rank", 2), "higher_tier_needed"),
        ([holds(3)], need("paid", of=POST), "not_bought"), ([holds(3)], need("rank"), "higher_tier_needed"),
        ([holds(of=POST.bytes, source="purchase")], need("paid", of=POST), "purchase"),
        ([holds(of=POST.bytes, source="purchase")], need("rank", 9, POST), "purchase"),
        ([holds(of=POST.bytes, source="purchase")], need("members"), "not_a_member"),
        ([holds(of=new_id().bytes, source="purchase")], need("paid", of=POST), "not_bought"),
        ([holds(2, ends=-0.001)], need("members"), "not_a_member"), ([holds(2, starts=0.001)], need("members"), "not_a_member"),
        ([holds(0, source="comp")], need("members"), "comp"),
    ],
)  # fmt: skip
def test_what_is_enough(held: list[Held], asked: Need, because: str) -> None:
    decision = judge(held, asked, NOW)
    assert decision.because == because
    assert decision.allowed == (because in ("public", "membership", "gift", "comp", "purchase"))


def test_what_lasts_longest_is_told() -> None:
    found = judge([holds(1, ends=3, tier="A"), holds(1, ends=9, tier="B", source="gift")], need("members"), NOW)
    assert (found.because, found.tier, found.until) == ("gift", "B", NOW + timedelta(days=9))
    assert judge([holds(1, ends=9), holds(1, source="comp")], need("members"), NOW).until is None


@given(
    st.lists(st.builds(holds, st.integers(0, 5), starts=st.floats(-9, 9), ends=st.floats(-9, 9)), max_size=6),
    st.integers(0, 5),
)
def test_more_reasons_never_take_away_and_a_lower_rank_asks_for_less(held: list[Held], rank: int) -> None:
    allowed = judge(held, need("rank", rank), NOW).allowed
    if allowed:
        assert judge([*held, holds(2)], need("rank", rank), NOW).allowed
        assert judge(held, need("members"), NOW).allowed
        assert all(judge(held, need("rank", lower), NOW).allowed for lower in range(rank))
