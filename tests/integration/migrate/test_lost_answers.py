"""The statement that opens the other side is lost, or its answer is. Nobody guesses: what is written down says who has the writers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Literal

import psycopg
import pytest
from psycopg import conninfo

from directfanz.migrate import verbs
from directfanz.migrate.cutover.cutover import OPENED
from directfanz.migrate.cutover.recovery import is_closed
from directfanz.migrate.cutover.switches import Switch
from directfanz.migrate.errors import SideProblem
from directfanz.migrate.side import Side
from directfanz.migrate.work import Work, at_work
from tests.support.moves import SMALL, require_equal
from tests.support.two_homes import CLOCK, SWITCH, Homes, Moving
from tests.support.wobbly import Line

OPENING = b"RESET default_transaction_read_only"
Loss = Literal["unsaid", "unanswered", "everything"]


class Forgetful(Line):
    """Loses a connection at certain words of its client: before they arrive, before their answer does, or with all others."""

    loss: Loss | None = None
    _waiting: socket.socket | None = None

    def carry(self, data: bytes, one: socket.socket, other: socket.socket) -> None:
        if self.loss and OPENING in data:
            loss, self.loss = self.loss, None
            if loss == "unsaid":
                raise ConnectionError
            self._waiting, self._all = one, loss == "everything"
        elif other is self._waiting:
            self._waiting = None
            if self._all:
                self.cut()
            raise ConnectionError
        super().carry(data, one, other)


def _doors(moving: Moving) -> tuple[bool, bool]:
    return is_closed(moving.source), is_closed(moving.target)


@pytest.mark.parametrize("loss", ["unsaid", "unanswered", "everything"])
@pytest.mark.parametrize("way", ["there", "back"])
async def test_an_opening_whose_answer_is_lost(homes: Homes, loss: Loss, way: str) -> None:
    def moved() -> None:
        with homes.move(*SMALL) as moving:
            reader = moving.target if way == "there" else moving.source
            line = Forgetful(int(reader.words["port"]))
            through = Side(reader.name, conninfo.make_conninfo(reader.address, port=str(line.port)))
            source, target = (moving.source, through) if way == "there" else (through, moving.target)
            moving.plan()
            with moving.work() as work:
                verbs.run_to_stream(work)
                require_equal(work)
                if way == "back":
                    verbs.cutover(work, SWITCH)
            _lose(source, target, line, loss, verbs.cutover if way == "there" else verbs.rollback)
            assert _doors(moving).count(False) < 2
            with moving.work() as work:  # any command mends what was left
                written_down = work.store.recall(OPENED) == reader.name
            assert written_down == (way == "back" or loss != "unsaid")
            assert _doors(moving) == ((True, False) if written_down == (way == "there") else (False, True))
            _go_on(moving, way, opened=written_down)

    await asyncio.to_thread(moved)


def _lose(source: Side, target: Side, line: Forgetful, loss: Loss, verb: Callable[[Work, Switch], object]) -> None:
    try:
        with at_work(source, target, CLOCK, "test") as work:
            line.loss = loss
            with pytest.raises(SideProblem):
                verb(work, SWITCH)
    finally:
        line.close()


def _go_on(moving: Moving, way: str, *, opened: bool) -> None:
    holder = moving.target if opened == (way == "there") else moving.source
    with psycopg.connect(holder.address, autocommit=True) as session:
        session.execute("INSERT INTO a (v) VALUES ('meanwhile')")
    with moving.work() as work:
        if way == "there":
            verbs.cutover(work, SWITCH, resume=opened)
        else:
            verbs.rollback(work, SWITCH)
        require_equal(work)
    for side in (moving.source, moving.target):
        assert moving.ask(side, "SELECT count(*), count(DISTINCT id) FROM a") == [(51, 51)]
