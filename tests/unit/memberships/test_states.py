from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.billing.contract import Subscription
from directfanz.domains.memberships.models import GRACE, LIVE, Membership, State
from directfanz.domains.memberships.policy.states import TRANSITIONS, changed, ended, may_follow, told
from directfanz.kit.ids import new_id
from directfanz.kit.money import Money

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MONTH = timedelta(days=31)
STATES: tuple[State, ...] = get_args(State)


def membership(state: State = "incomplete", **values: Any) -> Membership:
    return Membership(
        id=new_id(), user_id=new_id(), creator_id=new_id(), tier_id=new_id(), state=state, source="paid", amount=1000,
        currency="EUR", interval="month", created_at=NOW, **values,
    )  # fmt: skip


def said(state: str = "active", start: datetime = NOW, **values: Any) -> Subscription:
    known: dict[str, Any] = {
        "id": "sub_1", "customer": "cus_1", "state": state, "price": Money(1000, "EUR"), "interval": "month",
        "period_start": start, "period_end": start + MONTH, "trial_end": None, "cancels_at_end": False,
        "collection_paused": False, "ended_at": None, "card": None,
    }  # fmt: skip
    return Subscription(**(known | values))


def test_every_state_has_its_row_in_the_table() -> None:
    assert set(TRANSITIONS) == set(STATES)
    assert TRANSITIONS["ended"] == frozenset()
    assert all("incomplete" not in to for to in TRANSITIONS.values())
    assert all(state not in to for state, to in TRANSITIONS.items())
    assert all("ended" in to for state, to in TRANSITIONS.items() if state != "ended")
    assert set(STATES) - {"incomplete", "ended"} == LIVE


@pytest.mark.parametrize("old", STATES)
@pytest.mark.parametrize("new", STATES)
def test_moves_are_those_of_the_table(old: State, new: State) -> None:
    expected = old == new or new in TRANSITIONS[old]
    assert may_follow(membership(old), membership(new)) == expected


def test_a_lapsed_joining_may_come_to_life_and_nothing_else_that_ended() -> None:
    assert may_follow(membership("ended", end_reason="lapsed"), membership("active"))
    assert not may_follow(membership("ended", end_reason="refunded"), membership("active"))


@pytest.mark.parametrize(
    ("word", "values", "expected"),
    [
        ("incomplete", {}, "incomplete"), ("incomplete_expired", {}, "ended"), ("active", {}, "active"),
        ("active", {"cancels_at_end": True}, "canceled"), ("active", {"collection_paused": True}, "paused"),
        ("active", {"collection_paused": True, "cancels_at_end": True}, "canceled"), ("paused", {}, "paused"),
        ("past_due", {}, "past_due"), ("past_due", {"cancels_at_end": True}, "past_due"), ("unpaid", {}, "past_due"),
        ("canceled", {"ended_at": NOW}, "ended"), ("trialing", {"trial_end": NOW + MONTH}, "active"),
    ],
)  # fmt: skip
def test_what_the_providers_words_mean(word: str, values: dict[str, Any], expected: State) -> None:
    assert told(membership(), said(word, **values)).state == expected


def test_a_trial_is_one_only_for_as_long_as_was_promised() -> None:
    row = membership(trial_days=14)
    assert told(row, said("trialing", trial_end=NOW + timedelta(days=14))).state == "trialing"
    assert told(row, said("trialing", trial_end=NOW + timedelta(days=60))).state == "active"  # a gift postponed it


def test_access_does_not_move_when_a_renewal_fails() -> None:
    before = told(membership(), said())
    after = told(before, said("past_due", NOW + MONTH))
    assert before.access_until == after.access_until == NOW + MONTH + GRACE


def test_while_paused_the_paid_period_stays() -> None:
    paused = told(told(membership(), said()), said(collection_paused=True))
    later = told(paused, said(start=NOW + MONTH, collection_paused=True))
    assert (paused.period_end, later.period_end, later.access_until) == (NOW + MONTH, NOW + MONTH, NOW + MONTH)
    resumed = told(later, said(start=NOW + 2 * MONTH))
    assert (resumed.state, resumed.period_end) == ("active", NOW + 3 * MONTH)


def test_a_planned_change_is_true_at_the_renewal_and_not_before() -> None:
    silver = new_id()
    row = msgspec.structs.replace(
        told(membership(), said()), pending_tier_id=silver, pending_amount=500, pending_interval="month",
        pending_from=NOW + MONTH,
    )  # fmt: skip
    assert changed(row, said()).tier_id == row.tier_id
    assert changed(row, said(start=NOW + MONTH)).tier_id == row.tier_id  # charged as before: it was not made
    cheaper = said(start=NOW + MONTH, price=Money(500, "EUR"))
    assert (changed(row, cheaper).tier_id, changed(row, cheaper).pending_from) == (silver, None)
    assert changed(row, said(price=Money(500, "EUR"))).tier_id == row.tier_id


def test_a_change_that_is_made_now_is_true_as_soon_as_its_price_is() -> None:
    gold = new_id()
    row = msgspec.structs.replace(
        told(membership(), said()), pending_tier_id=gold, pending_amount=2000, pending_interval="month", pending_from=NOW,
        pending_now=True,
    )  # fmt: skip
    assert changed(row, said()).tier_id == row.tier_id
    assert changed(row, said(price=Money(2000, "EUR"))).tier_id == gold


def test_what_ended_plans_nothing() -> None:
    row = membership(
        "active", pending_tier_id=new_id(), pending_amount=1, pending_interval="month", pending_from=NOW, resumes_at=NOW
    )
    over = ended(row, NOW, "unpaid")
    assert (over.pending_tier_id, over.pending_from, over.resumes_at, over.end_reason) == (None, None, None, "unpaid")


words = st.sampled_from(["incomplete", "active", "trialing", "past_due", "unpaid", "paused", "canceled"])
sayings = st.builds(
    lambda word, month, cancels, paused: said(
        word, NOW + month * MONTH, cancels_at_end=cancels, collection_paused=paused,
        ended_at=NOW + month * MONTH if word == "canceled" else None,
    ),
    words, st.integers(0, 3), st.booleans(), st.booleans(),
)  # fmt: skip


@given(st.lists(sayings, max_size=6), sayings)
def test_told_twice_is_told_once(earlier: list[Subscription], last: Subscription) -> None:
    row = membership(held_until=NOW)
    for each in earlier:
        row = told(row, each)
    once = told(row, last)
    assert told(once, last) == once
    assert may_follow(row, once)
    assert (once.state == "ended") == (once.ended_at is not None)


@given(
    st.lists(sayings, max_size=6), sayings.filter(lambda each: each.state == "active" and not each.collection_paused)
)
def test_where_it_comes_from_does_not_matter_to_what_renews(earlier: list[Subscription], last: Subscription) -> None:
    """Whatever was heard before, in whatever order: what is paid for now decides, unless it ended."""
    row = membership(held_until=NOW)
    for each in earlier:
        row = told(row, each)
    after, fresh = told(row, last), told(membership(held_until=NOW), last)
    if row.state != "ended":
        same = ("state", "period_start", "period_end", "grace_until", "amount", "cancels_at_end")
        assert [getattr(after, name) for name in same] == [getattr(fresh, name) for name in same]
