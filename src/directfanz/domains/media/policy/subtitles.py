"""Subtitles: WebVTT and SRT read, checked and written anew as WebVTT. No I/O.

What goes out is only what was understood: times, and text with the few marks that players know. Nothing of the file is passed on unread.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from directfanz.errors import Detail, InvalidInput

MAX_BYTES = 2 * 1024 * 1024
MAX_CUES = 20_000
LONGEST_CUE = 2000
DAY_MS = 24 * 3_600_000
_TIMES = re.compile(
    r"^\s*(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})\s+-->\s+(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})(?:\s+(.*))?$"
)
_TAG = re.compile(r"<(/?)([a-z]*)([^<>]*)>", re.I)
_KEPT_TAGS = frozenset({"b", "i", "u"})
_SETTING = re.compile(
    r"\A(?:(?:line|position|size):-?\d{1,3}(?:\.\d+)?%?(?:,(?:start|center|end))?"
    r"|align:(?:start|center|end|left|right))\Z"
)
_ASS_MARK = re.compile(r"\{\\[^}]*\}")


class Cue(NamedTuple):
    begin_ms: int
    end_ms: int
    settings: str
    text: str


def read(data: bytes) -> list[Cue]:
    """`InvalidInput` names the line that is wrong, and says what to do."""
    if len(data) > MAX_BYTES:
        raise _refusal(f"Subtitles have at most {MAX_BYTES // 1024 // 1024} MB.")
    lines = _decoded(data).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues: list[Cue] = []
    at = 0
    while at < len(lines):
        if "-->" not in lines[at]:
            at += 1
            continue
        found = _TIMES.match(lines[at])
        if found is None:
            raise _refusal(f"Line {at + 1}: this is no pair of times such as 00:00:01.000 --> 00:00:03.500.", at)
        begin, end = _ms(found.groups()[:4]), _ms(found.groups()[4:8])
        if end <= begin:
            raise _refusal(f"Line {at + 1}: these words end before they begin.", at)
        if end > DAY_MS:
            raise _refusal(f"Line {at + 1}: this is later than a day.", at)
        text, at = _text(lines, at + 1)
        if text:
            cues.append(Cue(begin, end, _settings(found[9] or ""), text))
        if len(cues) > MAX_CUES:
            raise _refusal(f"There are more than {MAX_CUES} lines of subtitles in this file.")
    if not cues:
        raise _refusal("There are no subtitles in this file. Use WebVTT (.vtt) or SubRip (.srt).")
    return sorted(cues)


def written(cues: list[Cue]) -> str:
    parts = ["WEBVTT\n"]
    for cue in cues:
        settings = f" {cue.settings}" if cue.settings else ""
        parts.append(f"{_clock(cue.begin_ms)} --> {_clock(cue.end_ms)}{settings}\n{cue.text}\n")
    return "\n".join(parts)


def _decoded(data: bytes) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(name)
            except UnicodeDecodeError:
                raise _refusal("The letters of this file cannot be read. Save it as UTF-8.") from None
    if b"\0" in data:
        raise _refusal("This is no text. Use WebVTT (.vtt) or SubRip (.srt).")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # what most old SubRip files are written in


def _text(lines: list[str], at: int) -> tuple[str, int]:
    """Up to the next empty line. What could end a cue early is taken out."""
    kept: list[str] = []
    while at < len(lines) and lines[at].strip():
        kept.append(_clean(lines[at].strip()))
        at += 1
    return "\n".join(line for line in kept if line)[:LONGEST_CUE], at


def _clean(line: str) -> str:
    line = _ASS_MARK.sub("", line.replace("\0", "").replace("-->", "->"))
    parts: list[str] = []
    end = 0
    for found in _TAG.finditer(line):
        parts.append(_escaped(line[end : found.start()]))
        if found[2].lower() in _KEPT_TAGS:
            parts.append(f"<{found[1]}{found[2].lower()}>")
        end = found.end()
    parts.append(_escaped(line[end:]))
    return "".join(parts).strip()


def _escaped(text: str) -> str:
    plain = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ")
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _settings(text: str) -> str:
    return " ".join(word for word in text.split()[:4] if _SETTING.match(word))


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = parts
    return ((int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)) * 1000 + int(
        (rest or "0").ljust(3, "0")
    )


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _refusal(words: str, line: int | None = None) -> InvalidInput:
    return InvalidInput(words, Detail("file" if line is None else f"line {line + 1}", words))
