"""Reads refusals.txt, which says itself how it is to be read."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
TEXT = (HERE / "example.toml").read_text()
MARK = "#!"


class Case(NamedTuple):
    section: str
    old: list[str]
    new: list[str]
    refusal: str

    def __str__(self) -> str:
        return self.refusal[:80]

    def changed(self) -> tuple[str, int]:
        """The text with its mistake, and the number of the line that is to blame."""
        old = "\n".join(self.old)
        at = TEXT.index(old, TEXT.index(self.section))
        blamed = next((index for index, line in enumerate(self.new) if MARK in line), len(self.new) - 1)
        text = TEXT[:at] + "\n".join(self.new) + TEXT[at + len(old) :]
        return text, text.count("\n", 0, at) + blamed + 1


def cases() -> list[Case]:
    paragraphs = (HERE / "refusals.txt").read_text().split("\n\n")
    return [_case(paragraph.splitlines()) for paragraph in paragraphs if "\n! " in paragraph]


def _case(lines: list[str]) -> Case:
    marked = {mark: [line[2:] for line in lines[1:] if line[0] == mark] for mark in "-+!"}
    (refusal,) = marked["!"]
    return Case(lines[0], marked["-"], marked["+"], refusal)
