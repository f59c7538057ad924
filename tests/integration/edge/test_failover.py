"""Tasks that die, hang up and hang."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from directfanz.platform_toml import Platform
from tests.support.edge import Answer, Origin, RunningEdge, Seen, running_edge, until


@pytest.fixture
def pair(unhurried: Platform, tmp_path: Path) -> Iterator[tuple[RunningEdge, Origin, Origin]]:
    one, two = Origin().start(), Origin().start()
    try:
        with running_edge(unhurried, tmp_path, services={"web": [one.address, two.address]}) as edge:
            yield edge, one, two
    finally:
        one.close()
        two.close()


def test_both_are_used(pair: tuple[RunningEdge, Origin, Origin]) -> None:
    edge, one, two = pair
    for _ in range(20):
        edge.get("/")
    assert len(one.seen) + len(two.seen) == 20
    assert one.seen
    assert two.seen


@pytest.mark.parametrize("path", ["/", "/api/x"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_one_that_hangs_up_is_passed_over(pair: tuple[RunningEdge, Origin, Origin], method: str, path: str) -> None:
    edge, one, _ = pair
    one.answer = lambda seen: Answer(hangs_up=True)
    assert {edge.client.request(method, path).status_code for _ in range(10)} == {200}


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_may_not_happen_twice_is_not_tried_twice(pair: tuple[RunningEdge, Origin, Origin], method: str) -> None:
    edge, one, two = pair

    def hang_up(seen: Seen) -> Answer:
        return Answer(hangs_up=True)

    one.answer = two.answer = hang_up
    answers = [edge.client.request(method, "/api/x", content=str(number)) for number in range(4)]
    assert {answer.status_code for answer in answers} == {503}
    bodies = [seen.body for seen in one.seen + two.seen]
    assert len(bodies) == len(set(bodies))


def test_a_task_that_is_gone_is_passed_over_for_everything(pair: tuple[RunningEdge, Origin, Origin]) -> None:
    edge, one, _ = pair
    one.close()
    assert {edge.client.post("/api/x", content="a").status_code for _ in range(10)} == {200}


def test_a_slow_service_is_given_up(platform: Platform, tmp_path: Path) -> None:
    limits = msgspec.structs.replace(platform.limits, request_timeout_seconds=1)
    origin = Origin().start()
    wait = threading.Event()

    def slow(seen: Seen) -> Answer:
        wait.wait(10)
        return Answer()

    origin.answer = slow
    try:
        with running_edge(
            msgspec.structs.replace(platform, limits=limits), tmp_path, services={"web": [origin.address]}
        ) as edge:
            for path in ("/", "/api/x"):
                answer = edge.get(path)
                assert answer.status_code == 504
                assert answer.headers["retry-after"] == "5"
                assert answer.json()["error"]["code"] == "timed_out"
    finally:
        wait.set()
        origin.close()


def test_reloading_keeps_serving(edge: RunningEdge, origin: Origin) -> None:
    edge.process.send_signal(signal.SIGHUP)
    until(lambda: edge.get("/").status_code == 200)
