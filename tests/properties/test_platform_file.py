"""Whatever is done to platform.toml, it is read or refused; and a refusal points at the right line."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.errors import ConfigurationError
from directfanz.platform_toml import Platform, read_platform
from directfanz.platform_toml.lines import Path, line_at, lines_of
from tests.support.engines import REPOSITORY

TEXT = (REPOSITORY / "platform.toml").read_text()
LINES = TEXT.splitlines()
VALUES = [number for number, line in enumerate(LINES) if re.match(r"[a-z_\"/-]+ = ", line)]
PLAIN = [
    "0",
    "-1",
    "1e400",
    "nan",
    "-inf",
    "true",
    "0x10",
    "1_0",
    "9" * 300,
    "1979-05-27",
    "07:32:00",
    '["a", 1, 2.5]',
    "[[]]",
]
ODD = [
    "''",
    '"/"',
    "{}",
    "{ a = { b = 1 } }",
    '"\\u0000"',
    '"\\U0010FFFF"',
    "'''\n\n'''",
    '"""\\\n  x"""',
    '"web"',
    '"media"',
]
SCALARS = st.sampled_from([*PLAIN, *ODD])


def read_or_refused(text: str) -> Platform | None:
    try:
        return read_platform(text)
    except ConfigurationError as refusal:
        most = text.count("\n") + 1
        for line in refusal.message.splitlines():
            found = re.match(r"platform\.toml:(\d+): .+; .+\.$|\.\.\. and \d+ more\.$", line)
            assert found, line
            assert found[1] is None or 1 <= int(found[1]) <= most
        return None


@given(st.lists(st.tuples(st.sampled_from(VALUES), SCALARS), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_other_values(changes: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for number, value in changes:
        lines[number] = f"{lines[number].partition(' = ')[0]} = {value}"
    read_or_refused("\n".join(lines))


@given(
    st.lists(
        st.tuples(st.sampled_from(["drop", "twice", "swap", "cut"]), st.integers(0, len(LINES) - 1)),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=150, deadline=None)
def test_lines_lost_doubled_and_moved(changes: list[tuple[str, int]]) -> None:
    lines = list(LINES)
    for how, number in changes:
        at = number % len(lines)
        if how == "drop":
            del lines[at]
        elif how == "twice":
            lines.insert(at, lines[at])
        elif how == "swap":
            lines[at], lines[at - 1] = lines[at - 1], lines[at]
        else:
            lines[at] = lines[at][: len(lines[at]) // 2]
    read_or_refused("\n".join(lines))


@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.characters()), min_size=1, max_size=6))
@settings(max_examples=200, deadline=None)
def test_other_characters(changes: list[tuple[int, str]]) -> None:
    text = TEXT
    for at, character in changes:
        text = text[:at] + character + text[at + 1 :]
    read_or_refused(text)


@given(st.sampled_from(VALUES), st.sampled_from(["nonsense_key = 1", '"" = 1', "a.b.c = 1"]))
@settings(max_examples=100, deadline=None)
def test_an_unknown_key_is_found_wherever_it_stands(number: int, line: str) -> None:
    lines = [*LINES[:number], line, *LINES[number:]]
    with pytest.raises(ConfigurationError) as caught:
        read_platform("\n".join(lines))
    assert f"platform.toml:{number + 1}: " in caught.value.message


class Writer:
    """Writes values as TOML in many ways, and notes on which line each path begins."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw
        self.text = ""
        self.lines: dict[Path, int] = {}

    def gap(self, *, breaks: bool) -> None:
        gaps = ["", " ", "\t"] + (["\n", " # a ] } \" ' comment\n", "\r\n"] if breaks else [])
        self.text += self.draw(st.sampled_from(gaps))

    def here(self, path: Path) -> None:
        self.lines[path] = self.text.count("\n") + 1

    def pair(self, path: Path, value: Any) -> None:
        self.here(path)
        self.text += self.key(str(path[-1]))
        self.gap(breaks=False)
        self.text += "="
        self.gap(breaks=False)
        self.value(path, value)

    def key(self, key: str) -> str:
        spellings = [json.dumps(key)] + ([f"'{key}'"] if "'" not in key and key.isprintable() else [])
        return self.draw(st.sampled_from([key] if re.fullmatch("[a-zA-Z0-9_-]+", key) and len(key) < 5 else spellings))

    def value(self, path: Path, value: Any) -> None:
        if isinstance(value, list):
            self.text += "["
            for index, item in enumerate(value):
                self.gap(breaks=True)
                self.here((*path, index))
                self.value((*path, index), item)
                self.gap(breaks=True)
                self.text += ","
            self.gap(breaks=True)
            self.text += "]"
        elif isinstance(value, dict):
            self.text += "{"
            for index, (key, item) in enumerate(value.items()):
                self.text += ", " if index else " "
                self.pair((*path, key), item)
            self.text += "}"
        else:
            self.text += value

    def table(self, path: Path, table: dict[str, Any]) -> None:
        self.here(path)
        self.text += f"[ {self.key(str(path[0]))} ]\n"
        for key, value in table.items():
            self.gap(breaks=True)
            self.pair((*path, key), value)
            self.text += " # 'comment' [\n"


scalars = st.sampled_from(
    ["1", "-1.5e3", "true", "1979-05-27 07:32:00Z", "'lit # ] }'", '"a \\" # ] = \\\\"', '"""a\n"" "b\n"""', "'''x\n''y'\n'''", "''", '""']
)  # fmt: skip
keys = st.text("ab. #=]\"'é", min_size=1, max_size=4) | st.text("abc", min_size=1, max_size=3)
nested = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)


def paths_in(value: Any, path: Path = ()) -> list[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in [(*path, key), *paths_in(item, (*path, key))]]


@given(st.data(), st.dictionaries(keys, st.dictionaries(keys, nested, max_size=3), min_size=1, max_size=3))
@settings(max_examples=250, deadline=None)
def test_every_path_has_its_line(data: st.DataObject, tables: dict[str, dict[str, Any]]) -> None:
    writer = Writer(data)
    for key, table in tables.items():
        writer.table((key,), table)
    values = tomllib.loads(writer.text)
    found = lines_of(writer.text)
    assert {path: found[path] for path in paths_in(values)} == writer.lines


def test_arrays_of_tables_and_dotted_keys_have_lines_too() -> None:
    text = 'a.b.c = 1\n[[x.y]]\nk = 1\n[x.y.z]\nq = 1\n[[x.y]]\n\nk = 2\n[ "p.q" . r ]\n\'k.k\'."l" = [\n 1,\n { m = 2 }]\n'
    lines = lines_of(text)
    tomllib.loads(text)
    assert lines[("a",)] == lines[("a", "b", "c")] == 1
    assert (lines[("x", "y", 0)], lines[("x", "y", 0, "k")], lines[("x", "y", 0, "z", "q")]) == (2, 3, 5)
    assert (lines[("x", "y", 1)], lines[("x", "y", 1, "k")]) == (6, 8)
    assert (lines[("p.q", "r")], lines[("p.q", "r", "k.k", "l", 0)], lines[("p.q", "r", "k.k", "l", 1, "m")]) == (
        9,
        11,
        12,
    )
    assert line_at(lines, ("x", "y", 1, "missing", 5)) == 6
    assert line_at(lines, ("nowhere",)) == 1
