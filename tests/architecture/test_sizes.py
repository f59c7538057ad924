"""Small files, small functions: what no longer fits is two things."""

from __future__ import annotations

from tests.architecture.house import ROOT, sources

FILE_LINES = 400
TEST_FILE_LINES = 600
FUNCTION_LINES = 60


def test_no_file_outgrows_its_reader() -> None:
    long = [f"{s.name}: {n} lines" for s in sources() if (n := s.text.count("\n")) > FILE_LINES]
    for pattern, limit in (("frontend/src/**/*.ts", FILE_LINES), ("tests/**/*.py", TEST_FILE_LINES)):
        for path in ROOT.glob(pattern):
            lines = path.read_text().count("\n")
            if lines > limit:
                long.append(f"{path.relative_to(ROOT)}: {lines} lines")
    assert not long, "\n".join(long)


def test_no_function_outgrows_its_reader() -> None:
    long = [
        f"{source.name}:{function.lineno}: {function.name} has {length} lines"
        for source in sources()
        for function in source.functions()
        if (length := (function.end_lineno or function.lineno) - function.lineno + 1) > FUNCTION_LINES
    ]
    assert not long, "\n".join(long)
