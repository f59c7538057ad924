"""The multiplexed connection, fed by hand: whatever a node or the network does, every caller gets an end."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.backends.cache import connection as module
from directfanz.backends.cache.connection import Connection, Options
from directfanz.backends.cache.faults import Address, CacheRefused, CacheUnavailable, Lost, Moved, NotDone
from directfanz.backends.cache.look import Look
from directfanz.errors import DirectFanzError

ADDRESS = Address("127.0.0.1", 6379)
Reply = Any


class Line(asyncio.Transport):
    """A socket without a network: keeps what is written, and breaks when told to."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.written = bytearray()
        self.is_broken = False
        self._connection = connection

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = high

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def abort(self) -> None:
        if not self.is_broken:
            self.is_broken = True
            asyncio.get_running_loop().call_soon(self._connection.connection_lost, None)

    close = abort


def connected(timeout_seconds: float = 1.0) -> tuple[Connection, Line]:
    connection = Connection(ADDRESS, Options(timeout_seconds=timeout_seconds))
    line = Line(connection)
    connection.connection_made(line)
    return connection, line


def encoded(reply: Reply) -> bytes:
    match reply:
        case None:
            return b"$-1\r\n"
        case int():
            return b":%d\r\n" % reply
        case bytes():
            return b"$%d\r\n%s\r\n" % (len(reply), reply)
        case list():
            return b"*%d\r\n" % len(reply) + b"".join(map(encoded, reply))
    raise AssertionError(reply)


replies = st.recursive(
    st.none() | st.integers(-(2**62), 2**62) | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)
cuts = st.lists(st.integers(0, 400), max_size=8)


def chunks(stream: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in at), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(edges) if end > start]


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Hypothesis calls a plain function many times; each gets a loop of its own."""
    asyncio.run(_told(story))


async def _told(story: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(10):
        await story()


async def outcome(answer: asyncio.Future[Any]) -> Any:
    try:
        return await answer
    except DirectFanzError as error:
        return error


@given(st.lists(replies, min_size=1, max_size=8), cuts)
def test_each_question_gets_its_own_answer_however_the_stream_is_split(answers: list[Reply], at: list[int]) -> None:
    async def story() -> None:
        connection, _ = connected()
        asked = [connection.send(("GET", str(number))) for number in range(len(answers))]
        await asyncio.sleep(0)
        for chunk in chunks(b"".join(map(encoded, answers)), at):
            connection.data_received(chunk)
        assert [await answer for answer in asked] == answers
        connection.abort()

    run(story)


@given(st.lists(replies, min_size=1, max_size=6), st.integers(0, 400))
def test_a_socket_cut_at_any_byte_fails_what_was_not_answered(answers: list[Reply], cut: int) -> None:
    async def story() -> None:
        connection, line = connected()
        asked = [connection.send(("GET", str(number))) for number in range(len(answers))]
        await asyncio.sleep(0)
        stream = b"".join(map(encoded, answers))
        heard = stream[: cut % (len(stream) + 1)]
        connection.data_received(heard) if heard else None
        line.abort()
        outcomes = [await outcome(answer) for answer in asked]
        whole = _whole_replies(answers, len(heard))
        assert outcomes[:whole] == answers[:whole]
        assert all(isinstance(fault, Lost) for fault in outcomes[whole:])
        await connection.lost

    run(story)


def _whole_replies(answers: list[Reply], heard_bytes: int) -> int:
    whole = 0
    for answer in answers:
        heard_bytes -= len(encoded(answer))
        if heard_bytes < 0:
            break
        whole += 1
    return whole


@settings(max_examples=300)
@given(st.lists(replies, max_size=3), st.binary(min_size=1, max_size=60), cuts)
def test_garbage_never_leaves_anybody_waiting(good: list[Reply], garbage: bytes, at: list[int]) -> None:
    async def story() -> None:
        connection, line = connected(timeout_seconds=0.02)
        asked = [connection.send(("GET", str(number))) for number in range(len(good) + 2)]
        await asyncio.sleep(0)
        for chunk in chunks(b"".join(map(encoded, good)) + garbage, at):
            if not line.is_broken:
                connection.data_received(chunk)
        outcomes = [await outcome(answer) for answer in asked]
        assert outcomes[: len(good)] == good
        connection.abort()

    run(story)


async def test_an_answer_to_no_question_ends_the_connection() -> None:
    connection, line = connected()
    asked = connection.send(("PING",))
    await asyncio.sleep(0)
    connection.data_received(b"+PONG\r\n+PONG\r\n")
    assert await asked == b"PONG"
    assert line.is_broken


async def test_all_of_one_turn_leaves_in_one_write() -> None:
    connection, line = connected()
    asked = [connection.send(("GET", "a")), connection.send(("GET", "b"))]
    assert not line.written
    await asyncio.sleep(0)
    assert bytes(line.written) == b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n"
    connection.data_received(b"$1\r\n1\r\n$1\r\n2\r\n")
    assert [await answer for answer in asked] == [b"1", b"2"]
    connection.abort()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"-MOVED 866 10.0.0.7:6381\r\n", Moved),
        (b"-LOADING Redis is loading the dataset in memory\r\n", NotDone),
        (b"-CLUSTERDOWN The cluster is down\r\n", NotDone),
        (b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", CacheRefused),
        (b"-MOVED nonsense\r\n", CacheRefused),
        (b"-\r\n", CacheRefused),
    ],
)
async def test_error_replies_become_our_errors(reply: bytes, kind: type[Exception]) -> None:
    connection, _ = connected()
    asked = connection.send(("GET", "a"))
    await asyncio.sleep(0)
    connection.data_received(reply)
    with pytest.raises(kind):
        await asked
    connection.abort()


async def test_a_look_is_told_once_whatever_happens() -> None:
    connection, line = connected()
    told: list[object] = []
    for words in (("MGET", "a", "b"), ("MGET", "c"), ("MGET", "d"), ("MGET", "e")):
        connection.ask(words, Look(told.append))
    await asyncio.sleep(0)
    connection.data_received(b"*2\r\n$1\r\n1\r\n$-1\r\n-LOADING the dataset\r\n")
    assert told == [[b"1", None], None]
    line.abort()
    connection.connection_lost(None)
    assert told == [[b"1", None], None, None, None]
    connection.ask(("MGET", "f"), Look(told.append))
    assert told == [[b"1", None], None, None, None, None]


async def test_a_look_that_fails_costs_others_nothing(caplog: pytest.LogCaptureFixture) -> None:
    connection, line = connected()

    def fails(found: object) -> None:
        raise ValueError("not what I thought")

    connection.ask(("MGET", "a"), Look(fails))
    asked = connection.send(("GET", "b"))
    await asyncio.sleep(0)
    connection.data_received(b"*1\r\n$1\r\n1\r\n$1\r\n2\r\n")
    assert await asked == b"2"
    assert "could not be used" in caplog.text
    assert not line.is_broken
    connection.abort()


async def test_what_was_never_sent_may_be_sent_again() -> None:
    connection, line = connected()
    asked = connection.send(("INCRBY", "a", 1))
    line.abort()
    connection.connection_lost(None)
    with pytest.raises(NotDone):
        await asked
    with pytest.raises(NotDone):
        await connection.send(("GET", "a"))


async def test_a_silent_node_costs_its_time_limit_and_then_the_connection() -> None:
    connection, line = connected(timeout_seconds=0.05)
    with pytest.raises(Lost):
        await connection.send(("GET", "a"))
    await connection.lost
    assert line.is_broken


async def test_a_late_answer_is_not_taken_for_anothers() -> None:
    connection, _ = connected(timeout_seconds=0.2)
    first = connection.send(("GET", "a"))
    with pytest.raises(Lost):
        await first
    second = connection.send(("GET", "b"))
    await asyncio.sleep(0)
    connection.data_received(b"$3\r\nold\r\n")
    assert not second.done()
    connection.data_received(b"$3\r\nnew\r\n")
    assert await second == b"new"
    connection.abort()


async def test_a_caller_who_went_away_costs_nobody_else() -> None:
    connection, _ = connected()
    gone, here = connection.send(("GET", "a")), connection.send(("GET", "b"))
    gone.cancel()
    await asyncio.sleep(0)
    connection.data_received(b"$1\r\n1\r\n$1\r\n2\r\n")
    assert await here == b"2"
    connection.abort()


async def test_questions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_IN_FLIGHT", 2)
    connection, _ = connected()
    asked = [connection.send(("GET", "a")) for _ in range(3)]
    with pytest.raises(CacheUnavailable, match="Too many questions"):
        await asked[2]
    connection.abort()
    outcomes = [await outcome(answer) for answer in asked[:2]]
    assert all(isinstance(fault, Lost) for fault in outcomes)


async def test_unsent_bytes_are_bounded_and_held_while_the_node_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_UNSENT_BYTES", 100)
    connection, line = connected()
    connection.pause_writing()
    held = connection.send(("SET", "a", "x" * 200))
    with pytest.raises(CacheUnavailable, match="Too many questions"):
        await connection.send(("GET", "a"))
    assert not line.written
    connection.resume_writing()
    assert line.written.startswith(b"*3\r\n$3\r\nSET")
    connection.data_received(b"+OK\r\n")
    assert await held == b"OK"
    connection.abort()


async def test_a_round_trip_is_measured_now_and_then() -> None:
    seconds: list[float] = []
    connection = Connection(ADDRESS, Options(sample=seconds.append))
    connection.connection_made(Line(connection))
    asked = [connection.send(("GET", "a")) for _ in range(10)]
    await asyncio.sleep(0)
    connection.data_received(b"$-1\r\n" * 10)
    await asyncio.gather(*asked)
    assert len(seconds) == 1
    assert 0 < seconds[0] < 1
    connection.abort()
