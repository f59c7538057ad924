"""Output comes in any pieces; the logs hold whole lines and never grow without bound."""

from __future__ import annotations

from pathlib import Path

from directfanz.local.logbook import MAX_LINE_BYTES, LogBook, RotatingFile, Tail, last_lines


def test_lines_are_put_together_and_carry_their_part(tmp_path: Path) -> None:
    logs = LogBook(tmp_path)
    web, worker = logs.sink("web"), logs.sink("worker")
    web(b"first li")
    worker(b"other\n")
    web(b"ne\nsecond\nunfini")
    logs.close()
    assert (tmp_path / "web.log").read_text() == "first line\nsecond\n"
    assert (tmp_path / "all.log").read_text() == "worker | other\nweb    | first line\nweb    | second\n"


def test_a_line_without_end_is_cut(tmp_path: Path) -> None:
    logs = LogBook(tmp_path)
    take = logs.sink("web")
    for _ in range(4):
        take(b"x" * (MAX_LINE_BYTES // 2))
    logs.close()
    assert max(map(len, (tmp_path / "web.log").read_text().splitlines())) <= MAX_LINE_BYTES * 1.5


def test_old_files_are_few(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "web.log", max_bytes=100, kept=2)
    for number in range(100):
        file.write(b"line %04d\n" % number)
    file.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["web.log", "web.log.1", "web.log.2"]
    assert all(path.stat().st_size <= 100 for path in tmp_path.iterdir())
    assert last_lines(tmp_path / "web.log", 1) == ["line 0099"]
    assert (tmp_path / "web.log.1").read_text() < (tmp_path / "web.log").read_text()


def test_a_full_file_goes_on_where_it_was(tmp_path: Path) -> None:
    for _ in range(2):
        file = RotatingFile(tmp_path / "web.log", max_bytes=15)
        file.write(b"0123456789")
        file.close()
    assert (tmp_path / "web.log.1").exists()


def test_a_tail_follows_across_a_rotation(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "web.log", max_bytes=20)
    file.write(b"before\n")
    tail = Tail(tmp_path / "web.log")
    file.write(b"seen\nhalf")
    assert tail.new_lines() == ["seen"]
    file.write(b" a line\n")
    assert tail.new_lines() == ["half a line"]
    file.write(b"after the rotation\n")
    assert tail.new_lines() == ["after the rotation"]
    file.close()


def test_the_end_of_a_log_that_is_not_there(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none.log", 5) == []
    assert Tail(tmp_path / "none.log").new_lines() == []
