"""What a dump says that another server would not take."""

from __future__ import annotations

import pytest

from directfanz.migrate.move.dump import _statement

TABLE = """CREATE TABLE public."pg_attver=1" (
    a integer
);
"""
OWNER = '\n\nALTER TABLE public."pg_attver=1" OWNER TO postgres;'


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("pg_attver=28684032", None),
        ("n_distinct=5, pg_attver=28684032", "n_distinct=5"),
        ("pg_attver=28684032, n_distinct=5", "n_distinct=5"),
        ("n_distinct=5", "n_distinct=5"),
    ],
)
def test_a_version_that_a_newer_minor_release_keeps_with_a_column_stays_behind(said: str, kept: str | None) -> None:
    setting = 'ALTER TABLE ONLY public."pg_attver=1" ALTER COLUMN a SET ({});\n'
    text = TABLE + setting.format(said) + OWNER
    expected = TABLE + (setting.format(kept) if kept else "") + OWNER
    assert _statement(("9", "1259", "16384", "TABLE public t postgres"), text).text == expected


def test_the_words_of_a_function_are_its_own() -> None:
    text = "CREATE FUNCTION f() AS $$\nALTER TABLE t ALTER COLUMN a SET (pg_attver=1);\n$$;"
    assert _statement(("9", "1255", "16384", "FUNCTION public f() postgres"), text).text == text
