"""Log lines as they leave the process."""

from __future__ import annotations

import io
import json
import logging
import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.backends.telemetry import context, logs
from directfanz.backends.telemetry.buffer import LineBuffer
from directfanz.backends.telemetry.lines import encode, line_of
from tests.support.plain_settings import plain_settings

log = logging.getLogger("directfanz.test")


class Kept(io.BytesIO):
    """Its content survives being closed."""

    def close(self) -> None:
        self.kept = self.getvalue()
        super().close()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.kept.splitlines()]


@pytest.fixture
def plain_root() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("directfanz")
    before = (root.level, ours.level)
    yield
    if handler := logs.installed():
        root.removeHandler(handler)
        handler.close()
    logging.captureWarnings(False)
    root.setLevel(before[0])
    ours.setLevel(before[1])


@pytest.mark.usefixtures("plain_root")
def test_a_line_says_when_who_what_and_for_which_request() -> None:
    out = Kept()
    handler = logs.configure("web", plain_settings(), out)
    request, trace = context.request_id.set("req-1"), context.trace_id.set("ab" * 16)
    log.info("%s jobs done", 3, extra={"queue": "mail", "took": 0.5, "user": UUID(int=7)})
    context.request_id.reset(request)
    context.trace_id.reset(trace)
    handler.close()

    (line,) = out.lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "service": "web",
        "logger": "directfanz.test",
        "message": "3 jobs done",
        "request_id": "req-1",
        "trace_id": "ab" * 16,
        "fields": {"queue": "mail", "took": 0.5, "user": "00000000-0000-0000-0000-000000000007"},
    }


@pytest.mark.usefixtures("plain_root")
def test_an_error_carries_its_stack_without_what_people_typed() -> None:
    out = Kept()
    handler = logs.configure("web", plain_settings(), out)
    try:
        raise ValueError("Key (email)=(ada@example.com) exists")
    except ValueError:
        log.exception("It did not work for %s", "ada@example.com")
    handler.close()

    (line,) = out.lines()
    assert "Traceback" in line["stack"]
    assert "test_logs.py" in line["stack"]
    assert "ada@example.com" not in json.dumps(line)


@pytest.mark.usefixtures("plain_root")
def test_the_level_is_ours_to_choose_and_others_only_warn() -> None:
    out = Kept()
    handler = logs.configure("web", plain_settings(log_level="warning"), out)
    log.info("not this")
    log.warning("this")
    logging.getLogger("somebody.else").info("not this")
    logging.getLogger("somebody.else").warning("this too")
    handler.close()
    assert [line["message"] for line in out.lines()] == ["this", "this too"]


@given(
    st.text(),
    st.dictionaries(
        st.text(min_size=1).filter(
            lambda n: n not in logging.makeLogRecord({}).__dict__ and n not in ("message", "asctime")
        ),
        st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.binary(), st.lists(st.text())),
        max_size=4,
    ),
)
def test_whatever_is_logged_is_one_line_of_json(message: str, fields: dict[str, Any]) -> None:
    record = log.makeRecord("directfanz.test", logging.INFO, "f.py", 1, message, (), None, extra=fields)
    encoded = encode(line_of(record, "web"))
    assert b"\n" not in encoded
    assert len(json.loads(encoded).get("fields", {})) == len(fields)


@pytest.mark.usefixtures("plain_root")
def test_a_log_call_with_wrong_arguments_does_not_fail_its_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Kept()
    handler = logs.configure("web", plain_settings(), out)
    monkeypatch.setattr(logging, "raiseExceptions", False)
    log.info("%d", "no number")
    log.info("after it")
    handler.close()
    assert [line["message"] for line in out.lines()] == ["after it"]


def test_a_reader_that_sleeps_stops_nobody_and_learns_what_it_missed() -> None:
    reading, writing = os.pipe()
    output = logs.Output("web", os.fdopen(writing, "wb"), max_bytes=100_000)
    entry = b'{"message":"%s"}' % (b"x" * 100)
    for _ in range(5_000):  # far more than the pipe and the buffer hold; a blocking write would hang here
        output.add(entry)

    with os.fdopen(reading, "rb") as reader:
        output.add(b'{"message":"last"}')
        lines = []
        for line in reader:
            lines.append(json.loads(line))
            if line.startswith(b'{"message":"last"}'):
                break
        output.close()
        lines += [json.loads(line) for line in reader]

    missed = sum(int(line["message"].split()[0]) for line in lines if "were dropped" in line["message"])
    assert missed > 0
    assert missed + sum("were dropped" not in line["message"] for line in lines) == 5_001


def test_a_reader_that_has_gone_is_no_error() -> None:
    reading, writing = os.pipe()
    output = logs.Output("web", os.fdopen(writing, "wb", buffering=0))
    os.close(reading)
    output.add(b"{}")
    output.close()


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=30), st.booleans()), max_size=40), st.integers(1, 100))
def test_a_buffer_holds_its_bytes_and_counts_the_rest(steps: list[tuple[bytes, bool]], limit: int) -> None:
    buffer, added, taken = LineBuffer(limit), 0, 0
    for entry, take in steps:
        buffer.add(entry)
        added += entry.count(b"\n") + 1
        if take:
            entries = buffer.take(10)
            buffer.give_back(entries)
            taken += sum(e.count(b"\n") + 1 for e in buffer.take(10))
    rest = buffer.take(10_000)
    assert sum(map(len, rest)) <= limit
    assert taken + buffer.dropped + sum(e.count(b"\n") + 1 for e in rest) == added
    assert not buffer
