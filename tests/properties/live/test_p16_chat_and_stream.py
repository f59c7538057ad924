"""P16: chat works as long as, and agrees with, the state of the stream, whatever happens in whatever order.

A state machine of Hypothesis. The model is a list of what was said and a word for the state; everything else is the product.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.chat.errors import RoomClosed
from directfanz.domains.chat.models import Event
from directfanz.domains.chat.service import entering, moderating, reading
from directfanz.domains.creators.models import Creator
from directfanz.settings import Settings
from tests.support.accounts import Someone, Stage, stage_set
from tests.support.chats import says
from tests.support.creators import page_of
from tests.support.live import OnAir, planned

T = TypeVar("T")
people = st.integers(0, 2)


class Evening(RuleBasedStateMachine):
    """One stream, Ada who makes it and moderates, Ben and Cy who talk."""

    def __init__(self, runner: asyncio.Runner, stage: Stage, page: Creator, cast: list[Someone]) -> None:
        super().__init__()
        self.runner, self.stage, self.cast = runner, stage, cast
        self.air: OnAir = self.do(planned(stage, cast[0], page))
        self.expected: list[tuple[str, str]] = []
        self.removed: set[int] = set()
        self.said_before: list[tuple[int, str, str, int]] = []
        self.state = "preparing"
        self.count = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @rule(who=people)
    def somebody_says(self, who: int) -> None:
        self.count += 1
        words, nonce = f"words {self.count}", f"n{self.count}"
        if self.state == "ended":
            with pytest.raises(RoomClosed):
                self.do(says(self.stage, self.cast[who], self.air.stream.id, words, nonce))
            return
        place = self.do(says(self.stage, self.cast[who], self.air.stream.id, words, nonce))
        self.expected.append(("text", words))
        assert place == len(self.expected)
        self.said_before.append((who, words, nonce, place))

    @precondition(lambda self: self.said_before and self.state != "ended")
    @rule(data=st.data())
    def an_answer_was_lost(self, data: st.DataObject) -> None:
        who, words, nonce, place = data.draw(st.sampled_from(self.said_before))
        assert self.do(says(self.stage, self.cast[who], self.air.stream.id, words, nonce)) == place

    @precondition(lambda self: self.said_before)
    @rule(data=st.data())
    def ada_removes(self, data: st.DataObject) -> None:
        *_, place = data.draw(st.sampled_from(self.said_before))
        caller = self.do(self.stage.caller(self.cast[0]))
        self.do(moderating.remove(self.stage.backends, caller, self.air.stream.id, place))
        if place not in self.removed:
            self.removed.add(place)
            self.expected.append(("removed", ""))

    @precondition(lambda self: self.state in ("preparing", "reconnecting"))
    @rule()
    def the_picture_comes(self) -> None:
        words = "The stream is on." if self.state == "preparing" else "The picture is back."
        self.do(self.air.goes_live())
        self.state = "live"
        self.expected.append(("system", words))

    @precondition(lambda self: self.state == "live")
    @rule()
    def the_line_breaks(self) -> None:
        self.do(self.air.drops())
        self.state = "reconnecting"
        self.expected.append(("system", "The picture is gone for a moment. Stay here."))

    @rule()
    def it_ends(self) -> None:
        """Also when it has ended: told twice."""
        self.do(self.air.ends())
        if self.state != "ended":
            self.expected += [("system", "The stream is over."), ("closed", "")]
        self.state = "ended"

    @invariant()
    def all_agree(self) -> None:
        room_id = self.air.stream.id
        told: list[Event] = self.do(reading.since(self.stage.backends, room_id, 0))
        assert [each.position for each in told] == list(range(1, len(self.expected) + 1))
        shown = [(each.kind, each.body) for each in told]
        assert shown == [
            (kind, "" if place in self.removed else words) for place, (kind, words) in enumerate(self.expected, 1)
        ]
        entry = self.do(entering.enter(self.stage.backends, self.cast[1].user_id, room_id))
        assert self.do(self.air.state()) == self.state
        assert (entry.room.state == "closed") == (self.state == "ended") == (not entry.speaks)


@pytest.mark.property("P16")
def test_chat_agrees_with_the_stream(settings: Settings) -> None:
    async def opened() -> tuple[Any, Stage, Creator, list[Someone]]:
        context = stage_set(settings, ManualClock(datetime(2026, 3, 2, 20, tzinfo=UTC)))
        stage = await context.__aenter__()
        cast = [await stage.joined(name) for name in ("ada", "ben", "cy")]
        return context, stage, await page_of(stage, cast[0]), cast

    with asyncio.Runner() as runner:
        context, stage, page, cast = runner.run(opened())
        try:
            run_state_machine_as_test(
                lambda: Evening(runner, stage, page, cast),  # type: ignore[arg-type]  # anything that makes one
                settings=hypothesis_settings(
                    max_examples=100, stateful_step_count=14, deadline=None, derandomize=True,
                    phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
                ),
            )  # fmt: skip
        finally:
            runner.run(context.__aexit__(None, None, None))
