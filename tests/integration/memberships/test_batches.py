"""What the clock brings to many at once takes as many round trips as for a few, and one that fails holds up no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from directfanz.backends.database.contract import Writer
from directfanz.backends.database.handles import Reading, Writing
from directfanz.domains.memberships.models import Membership, Tier
from directfanz.domains.memberships.repository import batches
from directfanz.domains.memberships.service import joining, keeping_time
from directfanz.errors import Unavailable
from directfanz.kit.ids import new_id
from tests.support.accounts import Someone
from tests.support.memberships import Club


class Counted:
    """The statements that go out in transactions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements = 0
        for where, name in ((Reading, "ask"), (Writing, "execute")):
            monkeypatch.setattr(where, name, self._counting(getattr(where, name)))

    def _counting(self, real: Any) -> Any:
        async def counted(*args: object, **named: object) -> object:
            self.statements += 1
            return await real(*args, **named)

        return counted

    def since(self) -> int:
        count, self.statements = self.statements, 0
        return count


async def given(club: Club, tier: Tier, count: int, lasting: timedelta) -> list[tuple[Someone, Membership]]:
    """Memberships that somebody else paid for: nothing is asked of the provider."""
    now, made = club.stage.clock.now(), []
    for number in range(count):
        who = await club.somebody(f"fan{number}")
        row = Membership(
            id=new_id(), user_id=who.user_id, creator_id=tier.creator_id, tier_id=tier.id, state="active", source="comp",
            amount=0, currency=tier.currency, interval="month", created_at=now, started_at=now, period_start=now,
            period_end=now + lasting,
        )  # fmt: skip
        async with club.backends.database.writing() as tx:
            await joining.put(club.backends, tx, row, "joined")
        made.append((who, row))
    return made


async def test_many_run_out_in_as_many_statements_as_few(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    few = await given(club, gold, 2, timedelta(days=1))
    many = await given(club, gold, 40, timedelta(days=3))
    counted = Counted(monkeypatch)
    await club.later(days=2, hear=False)
    counted.since()
    await keeping_time.end_what_ran_out(club.backends)
    for_few = counted.since()
    await club.later(days=2, hear=False)
    counted.since()
    await keeping_time.end_what_ran_out(club.backends)
    assert counted.since() == for_few > 0
    for who, row in (*few, *many):
        after = await club.row(row.id)
        assert (after.state, after.end_reason) == ("ended", "ran_out")
        assert not (await club.may(who, ada)).allowed
    rows = await club.backends.database.fetch(
        "SELECT kind, count(*) FROM membership_events WHERE membership_id = ANY($1) GROUP BY 1",
        [row.id for _, row in many],
    )
    assert {row[0]: row[1] for row in rows} == {"joined": 40, "ended": 40}
    told = await club.backends.database.fetch_value(
        "SELECT count(*) FROM notifications WHERE kind = 'memberships.ended' AND user_id = ANY($1)",
        [who.user_id for who, _ in many],
    )
    assert told == 40
    await club.no_differences()
    await keeping_time.end_what_ran_out(club.backends)  # may run again
    await club.no_differences()


async def test_one_that_fails_holds_up_no_other(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    _, (gold,) = await club.page("ada", gold=1000)
    made = await given(club, gold, 9, timedelta(days=1))
    bad, real = made[4][1].id, batches.update

    async def update(tx: Writer, rows: list[Membership]) -> int:
        if any(row.id == bad for row in rows):
            raise Unavailable("not this one")
        return await real(tx, rows)

    monkeypatch.setattr(batches, "update", update)
    await club.later(days=2, hear=False)
    await keeping_time.end_what_ran_out(club.backends)
    states = {row.id: (await club.row(row.id)).state for _, row in made}
    assert {membership_id for membership_id, state in states.items() if state == "active"} == {bad}
    monkeypatch.undo()
    await keeping_time.end_what_ran_out(club.backends)
    assert (await club.row(bad)).state == "ended"


async def test_who_paid_in_the_last_minute_is_not_put_out_with_the_others(club: Club) -> None:
    ada, (gold,) = await club.page("ada", gold=1000)
    rows = []
    for name in ("ben", "cy", "dan"):
        who = await club.somebody(name)
        row = await club.joins(who, gold)
        club.till.break_card(club.till.raw(row.subscription or "")["customer"])
        rows.append((who, row))
    await club.later(days=31, hours=2)
    await club.later(days=8, hear=False)
    saved, subscription = rows[1][1], rows[1][1].subscription or ""
    club.till.break_card(club.till.raw(subscription)["customer"], "")
    await club.till.billing.pay_invoice(club.till.raw(subscription)["latest_invoice"], key=f"last minute {saved.id}")
    await keeping_time.end_grace(club.backends)  # no news came yet
    after = [(await club.row(row.id)).state for _, row in rows]
    assert after == ["ended", "active", "ended"]
    assert [(await club.may(who, ada)).allowed for who, _ in rows] == [False, True, False]
    await club.hear()
    await club.no_differences()


async def test_silence_about_many_is_broken_in_one_go(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renewed, and no news came: they are asked for, and settled together."""
    ada, (gold,) = await club.page("ada", gold=1000)
    rows = []
    for number in range(6):
        who = await club.somebody(f"fan{number}")
        rows.append((who, await club.joins(who, gold)))
    await club.later(days=31, hours=9, hear=False)
    counted = Counted(monkeypatch)
    await keeping_time.ask_again(club.backends)
    settled = counted.since()
    for who, row in rows:
        after = await club.row(row.id)
        assert after.period_start == row.period_end
        assert (await club.may(who, ada)).until == after.grace_until
    assert settled < 20, "not a transaction for each"
    await club.hear()
    await club.no_differences()
