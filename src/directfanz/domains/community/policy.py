"""What a page holds back of what people say to it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

from directfanz.domains.community.models import LONGEST_WORD, MOST_WORDS, HeldFor, Rules
from directfanz.domains.content.models import CommentsPolicy
from directfanz.errors import InvalidInput

_LINK = re.compile(r"(?i)\b(?:https?://|www\.)\S|\b[\w-]{2,}\.(?:com|net|org|io|me|co|xyz|ru|cc|info|biz|app|link)\b")
_WORD = re.compile(r"[^\W_]+")
# Letters of other scripts that look like ours, and digits that stand for letters.
_LIKE = str.maketrans(
    {
        "\u0430": "a", "\u0435": "e", "\u043e": "o", "\u0440": "p", "\u0441": "c", "\u0443": "y", "\u0445": "x", "\u0456": "i",
        "\u0458": "j", "\u0455": "s", "\u0501": "d", "\u04bb": "h", "\u04cf": "l", "\u03b1": "a", "\u03b5": "e", "\u03bf": "o",
        "\u03b9": "i", "\u03bd": "v", "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s",
    }
)  # fmt: skip


def held_for(body: str, policy: CommentsPolicy, rules: Rules) -> HeldFor | None:
    """Why it waits for the team; None when it is seen at once."""
    if policy == "hold":
        return "policy"
    if holds_word(body, rules.words):
        return "word"
    return "links" if rules.hold_links and _LINK.search(unicodedata.normalize("NFKC", body)) else None


def holds_word(body: str, words: Iterable[str]) -> bool:
    """Whole words, however they are dressed up: l.i.k.e t h i s, wide, with invisible signs between, in other scripts' letters."""
    wanted = {bare for word in words if (bare := " ".join(_bare(word)))}
    if not wanted:
        return False
    said = _bare(body)
    text, spelled = f" {' '.join(said)} ", _spelled(said)
    return any(f" {word} " in text or any(word.replace(" ", "") in run for run in spelled) for word in wanted)


def checked_words(words: Iterable[str]) -> list[str]:
    """One per line, in one form, without repetition."""
    found = list(dict.fromkeys(bare for word in words if (bare := " ".join(_bare(word)))))
    if len(found) > MOST_WORDS:
        raise InvalidInput.in_field("words", f"At most {MOST_WORDS} words.")
    if any(len(word) > LONGEST_WORD for word in found):
        raise InvalidInput.in_field("words", f"A word has at most {LONGEST_WORD} letters.")
    return found


def _bare(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(each for each in plain if unicodedata.category(each) not in ("Mn", "Cf"))
    return _WORD.findall(seen.translate(_LIKE))


def _spelled(words: list[str]) -> list[str]:
    """Runs of letters that stand alone, put together."""
    found: list[str] = []
    for alone, run in groupby(words, key=lambda word: len(word) == 1):
        if alone:
            found.append("".join(run))
    return found
