"""The local store: written by many processes, read by one person."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from directfanz.backends.telemetry.lines import Line, encode
from directfanz.backends.telemetry.store import schema
from directfanz.backends.telemetry.store.figures import FigureQuery, counts, levels, percentiles, total, totals
from directfanz.backends.telemetry.store.logs import LogQuery, find_logs
from directfanz.backends.telemetry.store.rows import PointRow, SpanRow
from directfanz.backends.telemetry.store.traces import TraceQuery, find_traces, read_trace
from directfanz.backends.telemetry.store.writer import StoreWriter
from directfanz.errors import NotFound
from tests.support.engines import REPOSITORY

NOW = 1_795_269_600.0  # a whole five minutes
DAY = 86_400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return schema.path_in(tmp_path)


def writer_at(path: Path, buffer_rows: int = 1000) -> StoreWriter:
    return StoreWriter(path, retention_days=30, gauges=["jobs_waiting"], buffer_rows=buffer_rows)


@pytest.fixture
def store(path: Path) -> Iterator[StoreWriter]:
    writer = writer_at(path)
    yield writer
    writer.close()


def line(message: str, moment: str = "2026-11-21T13:20:00.000Z", **more: Any) -> bytes:
    return encode(Line(time=moment, level="info", service="web", logger="t", message=message, **more))


def point(moment: float, metric: str = "sign_ins_total", value: float = 1, **more: Any) -> PointRow:
    row = PointRow(moment, 10, metric, "web", "1", "{}", value, "[]")
    return row._replace(**more)


def span(name: str, trace: str, number: int, parent: int | None = None, **more: Any) -> SpanRow:
    row = SpanRow(trace, f"{number:016x}", "" if parent is None else f"{parent:016x}", name, "web", NOW, 0.01, "", "{}")
    return row._replace(**more)


def messages(path: Path, **asked: Any) -> list[str]:
    return [found.message for found in find_logs(path, LogQuery(**asked))]


def window(metric: str, **more: Any) -> FigureQuery:
    asked: dict[str, Any] = {"metric": metric, "since": NOW, "until": NOW + 300, "step_seconds": 60}
    return FigureQuery(**(asked | more))


def test_only_we_can_read_it(store: StoreWriter, path: Path) -> None:
    store.add_lines(line("hello"))
    assert store.flush()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_lines_handed_over_together_are_found_apart(store: StoreWriter, path: Path) -> None:
    store.add_lines(b"\n".join([line("one"), line("two", request_id="r"), b"no JSON at all \xff\x00"]))
    store.flush()
    assert messages(path, limit=2, until=time.time() - 60) == ["one", "two"]
    assert messages(path, request_id="r") == ["two"]
    assert messages(path, text="no json") == ["no JSON at all \ufffd\\x00"]


def test_an_empty_id_is_no_id(store: StoreWriter, path: Path) -> None:
    store.add_lines(line("one"))
    store.flush()
    assert messages(path, trace_id="") == ["one"]
    assert messages(path, trace_id="0") == []


def test_a_trace_is_read_back_whole(store: StoreWriter, path: Path) -> None:
    store.add_span(span("query", "aa", 2, parent=1, started=NOW + 0.002))
    store.add_span(span("request", "aa", 1, seconds=0.5, error="ValueError"))
    store.add_span(span("request", "bb", 3, started=NOW + 5))
    store.flush()

    assert [s.name for s in read_trace(path, "aa")] == ["request", "query"]
    assert [s.trace_id for s in find_traces(path, TraceQuery())] == ["bb", "aa"]
    assert [s.trace_id for s in find_traces(path, TraceQuery(slower_than_seconds=0.4))] == ["aa"]
    assert [s.trace_id for s in find_traces(path, TraceQuery(failed=True))] == ["aa"]
    assert [s.trace_id for s in find_traces(path, TraceQuery(since=NOW + 1))] == ["bb"]


def test_a_counter_is_summed_over_steps_processes_and_labels(store: StoreWriter, path: Path) -> None:
    for moment, instance, labels, value in (
        (10, "1", '{"outcome":"ok"}', 2),
        (60, "2", '{"outcome":"ok"}', 3),  # at the end of the first minute: it tells of that minute
        (70, "1", '{"outcome":"failed"}', 5),
        (400, "1", '{"outcome":"ok"}', 100),
    ):
        store.add_point(point(NOW + moment, value=value, instance=instance, labels=labels))
    store.flush()

    (all_of_it,) = totals(path, window("sign_ins_total"))
    assert [(p.time - NOW, p.value) for p in all_of_it.points] == [(0, 5), (60, 5)]
    by = {s.labels["outcome"]: total([s]) for s in totals(path, window("sign_ins_total", by=["outcome"]))}
    assert by == {"ok": 5, "failed": 5}
    assert total(totals(path, window("sign_ins_total", where={"outcome": "ok", "service": "web"}))) == 5
    assert totals(path, window("sign_ins_total", where={"service": "worker"})) == []


def test_a_gauge_is_the_last_of_each_process(store: StoreWriter, path: Path) -> None:
    for moment, instance, value in ((10, "1", 9), (20, "1", 4), (20, "2", 6)):
        store.add_point(point(NOW + moment, "jobs_waiting", value, instance=instance))
    store.flush()

    query = window("jobs_waiting")
    assert [s.points[0].value for s in levels(path, query, "max")] == [6]
    assert [s.points[0].value for s in levels(path, query, "sum")] == [10]
    assert [s.points[0].value for s in levels(path, query, "average")] == [5]


def test_percentiles_of_all_processes_together(store: StoreWriter, path: Path) -> None:
    """90 answers within 0.5 ms and 10 between 100 and 200 ms."""
    fast, slow = [90] + [0] * 17, [0] * 8 + [10] + [0] * 9
    for instance, buckets in (("1", fast), ("2", slow)):
        store.add_point(
            point(NOW + 10, "http_request_seconds", 1, instance=instance, buckets=str(buckets).replace(" ", ""))
        )
    store.flush()

    query = window("http_request_seconds")
    assert total(counts(path, query)) == 100
    assert percentiles(path, query, 50)[0].points[0].value == pytest.approx(0.0005 * 50 / 90)
    assert percentiles(path, query, 95)[0].points[0].value == pytest.approx(0.15)
    assert percentiles(path, query, 100)[0].points[0].value == pytest.approx(0.2)


def test_nothing_told_yet_is_said_so(path: Path) -> None:
    with pytest.raises(NotFound, match="directfanz up"):
        find_logs(path, LogQuery())


def test_what_is_over_the_limit_goes_oldest_first_and_is_counted(path: Path) -> None:
    with _locked(path):
        store = writer_at(path, buffer_rows=10)
        for number in range(25):
            store.add_point(point(NOW + number, value=number))
        assert store.dropped == 15
    assert store.flush()
    store.close()
    assert sum(p.value for s in totals(path, window("sign_ins_total")) for p in s.points) == sum(range(15, 25))


def test_rows_wait_while_the_file_is_busy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
    store = writer_at(path)
    store.add_lines(line("first"))
    assert store.flush()
    with _locked(path):
        store.add_lines(line("second"))
        store.add_span(span("request", "aa", 1))
        assert not store.flush()
        store.add_lines(line("third"))
    assert store.flush()
    store.close()
    assert [m for m in messages(path) if "takes nothing" not in m] == ["first", "second", "third"]
    assert len(read_trace(path, "aa")) == 1
    assert store.dropped == 0


def test_one_row_that_cannot_be_kept_holds_back_none(store: StoreWriter, path: Path) -> None:
    store.add_point(point(NOW + 10, value=float("nan")))
    store.add_point(point(NOW + 20))
    store.add_point(point(NOW + 30, labels="\ud800"))
    store.add_point(point(NOW + 40))
    assert store.flush()
    assert total(totals(path, window("sign_ins_total"))) == 2
    assert store.dropped == 2


def test_what_is_told_last_is_kept(path: Path) -> None:
    store = writer_at(path)
    store.add_lines(line("last words"))
    store.close()
    assert messages(path) == ["last words"]


def test_a_broken_file_is_put_aside(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is not a database" * 1000)
    store = writer_at(path)
    store.add_lines(line("hello"))
    assert store.flush()
    store.close()
    assert messages(path) == ["hello"]
    assert path.with_suffix(".broken").exists()


def test_another_layout_is_replaced(path: Path) -> None:
    path.parent.mkdir(parents=True)
    old = sqlite3.connect(path)
    old.execute("CREATE TABLE logs (old TEXT)")
    old.execute("PRAGMA user_version = 999")
    old.commit()
    old.close()
    store = writer_at(path)
    store.add_lines(line("hello"))
    assert store.flush()
    store.close()
    assert messages(path) == ["hello"]


def test_retention_lets_go_of_what_is_older_and_of_nothing_else(store: StoreWriter, path: Path) -> None:
    for age_days, moment in ((31, "2026-10-21T13:59:00Z"), (29, "2026-10-23T14:00:00Z")):
        store.add_lines(line(f"{age_days} days", moment))
        store.add_span(span("request", f"{age_days:02}", 1, started=NOW - age_days * DAY))
        store.add_point(point(NOW - age_days * DAY, value=age_days))
    store.flush()

    assert store.keep(NOW)

    assert messages(path) == ["29 days"]
    assert (len(read_trace(path, "31")), len(read_trace(path, "29"))) == (0, 1)
    assert total(totals(path, window("sign_ins_total", since=NOW - 40 * DAY, until=NOW))) == 29


def test_after_a_day_figures_are_by_five_minutes_and_add_up_to_the_same(store: StoreWriter, path: Path) -> None:
    old = NOW - 2 * DAY
    for number in range(120):  # twenty minutes of two processes
        moment = old + number // 2 * 20 + 10
        store.add_point(point(moment, value=number, instance=str(number % 2)))
        store.add_point(point(moment, "jobs_waiting", number, instance=str(number % 2)))
        store.add_point(point(moment, "http_request_seconds", 0.1, buckets="[1,0,2]"))
    store.add_point(point(NOW - 60, value=7))
    store.flush()
    day: dict[str, Any] = {"since": old, "until": NOW, "step_seconds": 300}
    before = totals(path, window("sign_ins_total", **day))
    counted = counts(path, window("http_request_seconds", **day))
    waiting = levels(path, window("jobs_waiting", **day))

    assert store.keep(NOW)

    assert totals(path, window("sign_ins_total", **day)) == before
    assert counts(path, window("http_request_seconds", **day)) == counted
    assert levels(path, window("jobs_waiting", **day)) == waiting
    with schema.reading(path) as connection:
        steps = dict(connection.execute("SELECT step, count(*) FROM points GROUP BY step"))
    assert steps == {300: 3 * 4, 10: 1}
    assert store.keep(NOW)  # again changes nothing
    assert totals(path, window("sign_ins_total", **day)) == before


PROCESS = """
import sys
from pathlib import Path
from typing import Any
from directfanz.backends.telemetry.lines import Line, encode
from directfanz.backends.telemetry.store.writer import StoreWriter

store = StoreWriter(Path(sys.argv[1]), retention_days=30, gauges=[])
for number in range(3000):
    store.add_lines(encode(Line("2026-11-21T13:20:00.000Z", "info", sys.argv[2], "t", f"{sys.argv[2]}-{number}")))
store.close()
print(store.dropped)
"""


def test_processes_write_at_the_same_time_and_lose_nothing(path: Path) -> None:
    names = [f"p{number}" for number in range(4)]
    writers = [
        subprocess.Popen([sys.executable, "-c", PROCESS, str(path), name], cwd=REPOSITORY, stdout=subprocess.PIPE)
        for name in names
    ]
    assert [writer.communicate(timeout=60)[0].strip() for writer in writers] == [b"0"] * 4
    for name in names:
        assert messages(path, service=name, limit=10_000) == [f"{name}-{number}" for number in range(3000)]


class _locked:  # noqa: N801 - reads as a word in `with`
    """Another process in the middle of a long write."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._other = sqlite3.connect(self._path, isolation_level=None)
        self._other.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._other.execute("ROLLBACK")
        self._other.close()
