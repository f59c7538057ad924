"""Who may speak, and which words may be said. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

from directfanz.domains.chat.errors import Banned, MayNotSpeak, SlowDown, WordNotWelcome
from directfanz.domains.chat.models import LONGEST_MESSAGE, Ban, Room, Standing
from directfanz.domains.entitlements.models import Because, Decision
from directfanz.errors import InvalidInput

# Reasons that make somebody a member in the eyes of a room.
_MEMBERS: frozenset[Because] = frozenset({"membership", "gift", "comp"})
# Written in place of letters by who wants to get past a filter.
_DISGUISES = str.maketrans("013457@$!|", "oieastasil")
_BLANK = re.compile(r"\s+")
_NOT_LETTERS = re.compile(r"[^\w]+")
# Control and format characters, but for the joiner that emoji are made with.
_JOINER = "\u200d"


def cleaned(text: str) -> str:
    """One line without what cannot be seen; `InvalidInput` when nothing is left, or too much."""
    seen = "".join(
        each for each in unicodedata.normalize("NFC", text)
        if each == _JOINER or each.isspace() or unicodedata.category(each)[0] != "C"
    )  # fmt: skip
    line = _BLANK.sub(" ", seen).strip().strip(_JOINER)
    if not line:
        raise InvalidInput.in_field("body", "There is nothing to say in this message.", "Write something.")
    if len(line) > LONGEST_MESSAGE:
        raise InvalidInput.in_field("body", f"A message has at most {LONGEST_MESSAGE} characters.", "Send it in parts.")
    return line


def standing_of(decision: Decision) -> Standing:
    return "member" if decision.because in _MEMBERS else ""


def require_may_speak(room: Room, standing: Standing, ban: Ban | None, now: datetime) -> None:
    if standing == "team":
        return
    if ban is not None:
        raise Banned(f"You cannot speak here {_how_long(ban, now)}.{' ' + ban.reason if ban.reason else ''}")
    if room.members_only and standing != "member":
        raise MayNotSpeak("Only members may speak here at the moment. Join, and say it then.")


def require_not_too_soon(room: Room, standing: Standing, spoke_at: datetime | None, now: datetime) -> None:
    if standing == "team" or spoke_at is None or not room.slow_seconds:
        return
    left = spoke_at + timedelta(seconds=room.slow_seconds) - now
    if left > timedelta(0):
        seconds = max(1, round(left.total_seconds()))
        raise SlowDown(
            f"Slow mode: one message every {room.slow_seconds} s. {seconds} s to go.", retry_after_seconds=seconds
        )


def require_welcome(text: str, words: Iterable[str]) -> None:
    """A word of the filter is found as a whole word, also disguised, with accents, or with signs between its letters."""
    written = [plain_words(text), plain_words(text.casefold().translate(_DISGUISES))]
    found = {each for plain in written for each in _spelled_out(plain)}
    for word in words:
        looked_for = plain_words(word)
        if looked_for.replace(" ", "") in found or any(f" {looked_for} " in f" {plain} " for plain in written):
            raise WordNotWelcome("A word in this message is not welcome here. Say it another way.")


def plain_words(text: str) -> str:
    """Small letters without accents, one space between words."""
    bare = "".join(
        each for each in unicodedata.normalize("NFKD", text.casefold()) if unicodedata.category(each) not in ("Mn", "Cf")
    )  # fmt: skip
    return _NOT_LETTERS.sub(" ", bare).strip()


def _spelled_out(plain: str) -> set[str]:
    """What is written letter by letter: `b a d` and `b.a.d` are `bad`."""
    found, run = set(), ""
    for word in [*plain.split(" "), "  "]:
        if len(word) == 1:
            run += word
            continue
        if len(run) > 1:
            found.add(run)
        run = ""
    return found


def _how_long(ban: Ban, now: datetime) -> str:
    if ban.until is None:
        return "any more"
    minutes = max(1, round((ban.until - now).total_seconds() / 60))
    return f"for {minutes} more minutes" if minutes > 1 else "for another minute"
