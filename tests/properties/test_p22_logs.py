"""P22: every log line within retention is found, and a search returns exactly those that it should."""

from __future__ import annotations

import itertools
import logging
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.backends.telemetry import context
from directfanz.backends.telemetry.logs import LineHandler
from directfanz.backends.telemetry.redaction import redact
from directfanz.backends.telemetry.store import schema
from directfanz.backends.telemetry.store.logs import LogQuery, StoredLine, find_logs
from directfanz.backends.telemetry.store.rows import LEVELS
from directfanz.backends.telemetry.store.writer import StoreWriter

RETENTION_DAYS = 30
DAY = 86_400
NOW = 1_795_269_600.0
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Written(NamedTuple):
    message: str
    level: str
    request_id: str
    age_seconds: int
    field: str
    failed: bool


# Few words, so that searches hit; any text, so that nothing is too odd to be found.
WORDS = st.sampled_from(
    ["payout", "PAYOUT", "Payout failed", "100%", "it's", "_%", "DROP TABLE logs", "café ☕", "{}", ""]
)
TEXTS = st.one_of(WORDS, st.text(max_size=30))
LINES = st.lists(
    st.builds(
        Written,
        message=TEXTS,
        level=st.sampled_from(sorted(LEVELS)),
        request_id=st.sampled_from(["", "req-1", "req-2", "REQ-1"]),
        age_seconds=st.integers(0, 40 * DAY),
        field=TEXTS,
        failed=st.booleans(),
    ),
    max_size=25,
)
_examples = itertools.count()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[StoreWriter, Path]]:
    path = schema.path_in(tmp_path_factory.mktemp("p22"))
    writer = StoreWriter(path, retention_days=RETENTION_DAYS, gauges=[])
    yield writer, path
    writer.close()


@pytest.mark.property("P22")
@pytest.mark.requirement("C7.6")
@given(lines=LINES, searched=TEXTS.filter(bool), window=st.tuples(st.integers(0, 40 * DAY), st.integers(0, 40 * DAY)))
@settings(max_examples=120, deadline=None)
def test_a_search_finds_exactly_what_was_written(
    store: tuple[StoreWriter, Path], lines: list[Written], searched: str, window: tuple[int, int]
) -> None:
    writer, path = store
    service = f"example-{next(_examples)}"  # one store for all examples: each must also not find the others' lines
    for line in lines:
        _log(writer, service, line)
    assert writer.flush()
    assert writer.keep(NOW)
    assert writer.dropped == 0

    kept = [line for line in lines if line.age_seconds <= RETENTION_DAYS * DAY]
    since, until = NOW - max(window), NOW - min(window)

    def found(**asked: object) -> list[str]:
        return _sorted(find_logs(path, LogQuery(service=service, limit=1000, **asked)))  # type: ignore[arg-type]

    def wanted(fits: Callable[[Written], bool]) -> list[str]:
        return sorted(redact(line.message) for line in kept if fits(line))

    assert found() == wanted(lambda line: True)
    for request in ("req-1", "req-2", "REQ-1"):
        assert found(request_id=request) == wanted(lambda line, request=request: line.request_id == request)  # type: ignore[misc]
    for level, number in LEVELS.items():
        assert found(level=level) == wanted(lambda line, number=number: LEVELS[line.level] >= number)  # type: ignore[misc]
    assert found(text=searched) == wanted(lambda line: _holds(line, searched))
    assert found(since=since, until=until) == wanted(lambda line: since <= NOW - line.age_seconds < until)


def _log(writer: StoreWriter, service: str, line: Written) -> None:
    """Through the logging of Python, as the platform does it; only its time is made."""
    handler = LineHandler(service)
    handler.sinks.append(writer.add_lines)
    try:
        raise ValueError("the stack says Halibut")
    except ValueError as error:
        raised = (ValueError, error, error.__traceback__) if line.failed else None
    record = logging.getLogger("directfanz.test").makeRecord(
        "directfanz.test", LEVELS[line.level], __file__, 1, "%s", (line.message,), raised, extra={"field": line.field}
    )
    record.created = NOW - line.age_seconds
    token = context.request_id.set(line.request_id)
    handler.handle(record)
    context.request_id.reset(token)


def _holds(line: Written, searched: str) -> bool:
    stack = "Traceback" if line.failed else ""
    places = [redact(line.message), redact(line.field)]
    if any(_plain(searched) in _plain(place) for place in places):
        return True
    return bool(stack) and _plain(searched) in _plain(_stack())


def _stack() -> str:
    """Any stack of `_log` is the same text."""
    try:
        raise ValueError("the stack says Halibut")
    except ValueError as error:
        text = logging.Formatter().formatException((ValueError, error, error.__traceback__))
    lines = Path(__file__).read_text().splitlines()
    raising = next(n for n, content in enumerate(lines, 1) if "Halibut" in content)
    return text.replace("in _stack", "in _log").replace(
        f"line {lines.index('def _stack() -> str:') + 4}", f"line {raising}"
    )


def _plain(text: str) -> str:
    """SQLite's lower() knows A to Z."""
    return text.translate(_LOWER)


def _sorted(lines: list[StoredLine]) -> list[str]:
    return sorted(line.message for line in lines)
